// Numbers of the heat map as people read them.
export const celsius = (kelvin: number | null | undefined, digits = 1) =>
  kelvin === null || kelvin === undefined ? '—' : `${(kelvin - 273.15).toFixed(digits).replace('-', '−')} °C`

/** "+1.3 K", with a real minus. */
export const apart = (kelvin: number, digits = 1) => `${kelvin < 0 ? '−' : '+'}${Math.abs(kelvin).toFixed(digits)} K`

export const percent = (part: number | null | undefined) => (part === null || part === undefined ? '—' : `${Math.floor(part * 100)}%`)

export function yearBefore(date: string): string {
  return `${Number(date.slice(0, 4)) - 1}${date.slice(4)}`
}

export function bytesText(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} KB`
  return bytes < 1024 ** 3 ? `${(bytes / 1024 ** 2).toFixed(1)} MB` : `${(bytes / 1024 ** 3).toFixed(1)} GB`
}

/** Whole degrees that make about `count` lines from low to high. */
export function ticks(low: number, high: number, count: number): number[] {
  const step = [1, 2, 5, 10, 20, 50].find((one) => (high - low) / one <= count) ?? 100
  const first = Math.ceil(low / step) * step
  return Array.from({ length: Math.floor((high - first) / step) + 1 }, (_, i) => first + i * step)
}
