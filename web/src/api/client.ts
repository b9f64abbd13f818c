// The one door to the server. Every failure becomes a Problem, whose text comes from the locale.

export interface FieldError {
  field: string
  reason: string
  detail: string
}

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly slug: string,
    readonly reason: string,
    readonly detail: string,
    readonly errors: FieldError[] = [],
  ) {
    super(detail || slug)
  }
}

/** The server was not reached at all. */
export const UNREACHED = 0

let csrf = ''
let onSignedOut: () => void = () => {}

export function setCsrf(token: string) {
  csrf = token
}

/** Called whenever the server says that the session is over. */
export function whenSignedOut(handler: () => void) {
  onSignedOut = handler
}

export interface CallOptions {
  /** Object version for If-Match. */
  version?: string | number
  /** Same key, same effect: makes a repeated POST safe. */
  key?: string
  signal?: AbortSignal
  headers?: Record<string, string>
}

async function problemOf(response: Response): Promise<Problem> {
  let body: Record<string, unknown> = {}
  try {
    body = (await response.json()) as Record<string, unknown>
  } catch {
    // Not from our server, e.g. a proxy's page: the status says enough.
  }
  const slug = String(body.type ?? '').replace(/^.*\//, '') || String(response.status)
  return new Problem(
    response.status,
    slug,
    String(body.reason ?? ''),
    String(body.detail ?? ''),
    (body.errors as FieldError[] | undefined) ?? [],
  )
}

async function send(method: string, path: string, body: BodyInit | undefined, options: CallOptions) {
  const headers: Record<string, string> = { Accept: 'application/json', ...options.headers }
  if (method !== 'GET') headers['X-CSRF-Token'] = csrf
  if (options.version !== undefined) headers['If-Match'] = `"${options.version}"`
  if (options.key) headers['Idempotency-Key'] = options.key
  let response: Response
  try {
    response = await fetch(path, { method, headers, body, signal: options.signal, credentials: 'same-origin' })
  } catch (cause) {
    if (options.signal?.aborted) throw cause
    throw new Problem(UNREACHED, 'unreached', '', String(cause))
  }
  if (response.ok) return response
  const problem = await problemOf(response)
  if (problem.status === 401 && problem.reason !== 'session.wrong') onSignedOut()
  throw problem
}

async function json<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T
  const text = await response.text()
  return (text ? JSON.parse(text) : undefined) as T
}

const fullPath = (path: string) => (path.startsWith('/v2/') ? path : `/api/v1${path}`)

async function call<T>(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<T> {
  const has = body !== undefined
  const headers = has ? { 'Content-Type': 'application/json', ...options.headers } : options.headers
  return json<T>(await send(method, fullPath(path), has ? JSON.stringify(body) : undefined, { ...options, headers }))
}

/** Paths are those below /api/v1; the engine's own are told by their /v2. */
export const api = {
  get: <T>(path: string, options?: CallOptions) => call<T>('GET', path, undefined, options),
  post: <T>(path: string, body: unknown = {}, options?: CallOptions) => call<T>('POST', path, body, options),
  put: <T>(path: string, body: unknown = {}, options?: CallOptions) => call<T>('PUT', path, body, options),
  delete: <T>(path: string, body?: unknown, options?: CallOptions) => call<T>('DELETE', path, body, options),

  /** Text that is not JSON, e.g. a process model. */
  async text(path: string, options: CallOptions = {}): Promise<string> {
    return (await send('GET', fullPath(path), undefined, { ...options, headers: { Accept: '*/*' } })).text()
  },

  /** Raw bytes, e.g. a photo or a spreadsheet to import. */
  async raw<T>(path: string, body: Blob, headers: Record<string, string> = {}, options: CallOptions = {}): Promise<T> {
    const type = { 'Content-Type': body.type || 'application/octet-stream' }
    return json<T>(await send('POST', `/api/v1${path}`, body, { ...options, headers: { ...type, ...headers } }))
  },
}

/** `?a=1&b=2` of what is set; nothing of what is not. */
export function query(values: Record<string, string | number | boolean | null | undefined>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(values))
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value))
  const text = search.toString()
  return text ? `?${text}` : ''
}

export interface Page<T> {
  items: T[]
  next: string | null
}
