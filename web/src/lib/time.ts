// Times as people say them. The park's zone counts, not the device's.
export const ZONE = 'Asia/Shanghai'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

type Say = (key: string, values?: Record<string, unknown>) => string

function parts(iso: string, zone: string): Record<string, string> {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  return Object.fromEntries(format.formatToParts(new Date(iso)).map((part) => [part.type, part.value]))
}

/** 2026-11-23 */
export function dateText(iso: string | null | undefined, zone = ZONE): string {
  if (!iso) return ''
  if (/^\d{4}-\d{2}-\d{2}$/.test(iso)) return iso
  const p = parts(iso, zone)
  return `${p.year}-${p.month}-${p.day}`
}

/** 2026-11-23 14:05 */
export function timeText(iso: string | null | undefined, zone = ZONE): string {
  if (!iso) return ''
  const p = parts(iso, zone)
  return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}`
}

/** 14:05 today, 11-22 09:30 this year, 2025-12-31 earlier. */
export function shortTime(iso: string | null | undefined, now = Date.now(), zone = ZONE): string {
  if (!iso) return ''
  const p = parts(iso, zone)
  const today = parts(new Date(now).toISOString(), zone)
  if (p.year !== today.year) return `${p.year}-${p.month}-${p.day}`
  if (p.month === today.month && p.day === today.day) return `${p.hour}:${p.minute}`
  return `${p.month}-${p.day} ${p.hour}:${p.minute}`
}

export interface Span {
  late: boolean
  days: number
  hours: number
  minutes: number
}

/** How far `due` is from `now`; whole minutes, never negative. */
export function spanTo(due: string, now: number): Span {
  const distance = new Date(due).getTime() - now
  const rest = Math.abs(distance)
  return {
    late: distance < 0,
    days: Math.floor(rest / DAY),
    hours: Math.floor((rest % DAY) / HOUR),
    minutes: Math.floor((rest % HOUR) / MINUTE),
  }
}

/** "2 days 3 hours": the two largest units, "less than a minute" for none. */
export function spanText(span: Span, say: Say): string {
  const { days, hours, minutes } = span
  if (days) return say('time.days', { n: days }) + (hours ? say('time.and') + say('time.hours', { n: hours }) : '')
  if (hours) return say('time.hours', { n: hours }) + (minutes ? say('time.and') + say('time.minutes', { n: minutes }) : '')
  return minutes ? say('time.minutes', { n: minutes }) : say('time.moment')
}

/** "2 days left" or "3 hours late". */
export function dueText(due: string, now: number, say: Say): string {
  const span = spanTo(due, now)
  return say(span.late ? 'time.late' : 'time.left', { span: spanText(span, say) })
}

/** "just now", "5 minutes ago", else the time itself. */
export function agoText(iso: string, now: number, say: Say): string {
  const passed = now - new Date(iso).getTime()
  if (passed < MINUTE) return say('time.now')
  if (passed < HOUR) return say('time.minutesAgo', { n: Math.floor(passed / MINUTE) })
  return shortTime(iso, now)
}
