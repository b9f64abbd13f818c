// Who has a step, in words.
import type { Case, Item, Step } from '@/api/types'
import { t } from '@/i18n'
import { itemOf } from './board'

/** The enterprise, a person, or a department whose nobody has taken it yet. */
export function holderName(one: Case, step: Step): string {
  const item = itemOf(one, step)
  const about = item ? t('joint.itemNumber', { n: item.number }) : ''
  const who =
    step.role === 'contact' ? t('joint.enterprise') : step.assignee && step.department ? `${step.department.name} ${step.assignee.name}` : (step.assignee?.name ?? step.department?.name ?? t(`shell.roles.${step.role}`))
  return about ? `${about} ${who}` : who
}

export const ownerName = (item: Item): string => item.owner?.name ?? t('joint.enterprise')
