// What completing a task asks for, by its outcome: words, files, the task's own form, a target.
import { api } from '@/api/client'
import type { Case, CaseTask, Outcome, ServiceDetail } from '@/api/types'
import { nameOf, t, te } from '@/i18n'
import type { Ask } from './ActionDialog.vue'

const NEEDS_TEXT = ['resolved', 'rejected', 'redo', 'refused']
const BAD = ['rejected', 'declined', 'failed']

/** Outcomes that a person chooses from; signing, handing back and rating have their own ways. */
export function outcomesOf(one: Case, task: CaseTask): Outcome[] {
  const had = (outcome: Outcome) =>
    outcome.once &&
    one.steps.some((step) => step.element === task.element && step.outcome?.key === outcome.key && (step.department?.id ?? null) === task.department_id && step.item_id === task.item_id)
  return (task.outcomes ?? []).filter((outcome) => !['returned', 'signed', 'rated'].includes(outcome.key) && !had(outcome))
}

export const isBad = (outcome: Outcome) => BAD.includes(outcome.key)

export function askOutcome(one: Case, task: CaseTask, outcome: Outcome, detail?: ServiceDetail): Ask {
  const text = (part: string) => {
    const own = `joint.ask.${task.element}-${outcome.key}.${part}`
    const common = `cases.ask.${outcome.key}.${part}`
    return te(own) ? t(own) : te(common) ? t(common) : ''
  }
  const staged = one.steps.some((step) => step.id === task.id && step.stage)
  const dispatches = outcome.key === 'dispatched'
  return {
    key: `${task.id}.${outcome.key}`,
    title: nameOf(outcome),
    note: text('note'),
    label: text('label') || t('cases.ask.text'),
    text: outcome.words || NEEDS_TEXT.includes(outcome.key) ? 'must' : 'may',
    target: dispatches,
    files: outcome.key === 'resolved' || staged,
    filesMust: outcome.evidence,
    danger: isBad(outcome),
    fields: task.form ? detail?.task_forms[task.form]?.components : undefined,
    send: ({ text: said, file_ids, person_id, department_id, form }, key) =>
      api.post<Case>(
        `/tasks/${task.id}/complete`,
        { outcome: outcome.key, text: said, file_ids, ...(form ? { form } : {}), ...(dispatches ? { variables: { person_id, department_id } } : {}) },
        { key },
      ),
  }
}
