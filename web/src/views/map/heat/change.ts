// How a change is put into words.
import type { ZoneChange } from '@/api/heat'

type Say = (key: string, values?: Record<string, unknown>) => string

export function verdictText(change: ZoneChange, say: Say): string {
  const n = change.views
  if (change.verdict === 'no-observation') return say('heat.verdict.no-observation', { why: say(`heat.lack.${change.lack || 'views'}`) })
  if (change.verdict === 'no-change-shown') return say('heat.verdict.no-change-shown', { n, y: (change.interval ?? 0).toFixed(1) })
  return say(`heat.verdict.${change.verdict}`, { x: Math.abs(change.kelvin ?? 0).toFixed(1), y: (change.interval ?? 0).toFixed(1), n })
}

/** For lists: "+1.2 ± 0.8 K". */
export function verdictShort(change: ZoneChange, say: Say): string {
  if (change.verdict === 'warmer' || change.verdict === 'cooler')
    return `${change.verdict === 'warmer' ? '+' : '−'}${Math.abs(change.kelvin ?? 0).toFixed(1)} ± ${(change.interval ?? 0).toFixed(1)} K`
  return say(`heat.short.${change.verdict}`)
}
