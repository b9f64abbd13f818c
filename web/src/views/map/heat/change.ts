// How a change is put into words.
import type { ZoneChange } from '@/api/heat'

type Say = (key: string, values?: Record<string, unknown>) => string

// Below a kelvin the second digit tells whether the interval holds zero.
const digits = (change: ZoneChange) => ((change.interval ?? 1) < 1 ? 2 : 1)
const x = (change: ZoneChange) => (change.kelvin === null ? '—' : Math.abs(change.kelvin).toFixed(digits(change)))
const y = (change: ZoneChange) => change.interval?.toFixed(digits(change)) ?? '—'

export function verdictText(change: ZoneChange, say: Say): string {
  const n = change.views
  if (change.verdict === 'no-observation') return say('heat.verdict.no-observation', { why: say(`heat.lack.${change.lack || 'views'}`) })
  if (change.interval === null) return say('heat.verdict.not-compared', { n, why: say('heat.lack.reference') }) // Seen, but nothing outside to set it against.
  if (change.verdict === 'no-change-shown') return say('heat.verdict.no-change-shown', { n, y: y(change) })
  return say(`heat.verdict.${change.verdict}`, { x: x(change), y: y(change), n })
}

/** For lists: "+1.2 ± 0.8 K". */
export function verdictShort(change: ZoneChange, say: Say): string {
  if (change.verdict === 'warmer' || change.verdict === 'cooler')
    return `${change.verdict === 'warmer' ? '+' : '−'}${x(change)} ± ${y(change)} K`
  return say(`heat.short.${change.verdict}`)
}
