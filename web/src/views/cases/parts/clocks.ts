// What a clock is called: in words of the app, or as its service calls the step that it times.
import type { Case, CaseClock } from '@/api/types'
import { nameOf, t, te } from '@/i18n'

export function clockName(one: Case, name: string): string {
  const step = one.steps.find((found) => found.element === name)
  if (step) return nameOf(step)
  return te(`cases.clock.${name}`) ? t(`cases.clock.${name}`) : name
}

/** Whose clock it is, where several of the same name run side by side. */
export function clockOwner(one: Case, clock: CaseClock): string {
  if (!clock.key) return ''
  const item = one.items.find((found) => found.id === clock.key)
  if (item) return t('joint.itemNumber', { n: item.number })
  return one.steps.find((step) => step.department?.code === clock.key)?.department?.name ?? ''
}
