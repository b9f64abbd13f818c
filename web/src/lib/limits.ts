// What the server accepts, so that people hear of it before they send.
export const PASSWORD_MIN = 10
export const FILES_MAX = 9
export const FILE_MAX = 10 * 1024 * 1024
