// The steps of a case in columns: a department each, side by side, and rows by stage.
import type { Case, CaseClock, Coded, Item, ServiceDetail, Step } from '@/api/types'

export interface Column {
  department: Coded
  lead: boolean
  steps: Step[]
  open: Step[]
}

export interface Stage {
  key: string
  name: string
  name_en: string
  state: 'ahead' | 'now' | 'done'
  from: string | null
  to: string | null
}

/** Where a step stands: an item's steps stand with the department that raised it. */
export function homeOf(one: Case, step: Step): string | null {
  const item = step.item_id ? one.items.find((found) => found.id === step.item_id) : undefined
  return item?.department?.id ?? step.department?.id ?? null
}

export const itemOf = (one: Case, step: Step): Item | undefined => one.items.find((item) => item.id === step.item_id)

export function columnsOf(one: Case, detail: ServiceDetail | undefined): Column[] {
  const leadCode = typeof detail?.department === 'string' ? detail.department : ''
  const columns: Column[] = []
  for (const { department } of one.steps)
    if (department && !columns.some((column) => column.department.id === department.id))
      columns.push({ department, lead: department.code === leadCode, steps: [], open: [] })
  columns.sort((a, b) => Number(b.lead) - Number(a.lead))
  const lead = columns.find((column) => column.lead)
  for (const step of one.steps) {
    const home = homeOf(one, step)
    const column = columns.find((found) => found.department.id === home) ?? lead
    column?.steps.push(step)
    if (column && !step.done_at) column.open.push(step)
  }
  return columns
}

export function stagesOf(one: Case, detail: ServiceDetail | undefined): Stage[] {
  const stages = detail?.stages ?? []
  const over = ['archived', 'rejected', 'withdrawn'].includes(one.status)
  return stages.map((stage, i) => {
    const mine = one.steps.filter((step) => step.stage === stage.key)
    const open = mine.some((step) => !step.done_at)
    const later = one.steps.some((step) => stages.findIndex((found) => found.key === step.stage) > i)
    const ends = mine.map((step) => step.done_at ?? '').sort()
    return {
      ...stage,
      state: open ? 'now' : later || (over && mine.length > 0) ? 'done' : 'ahead',
      from: mine[0]?.created_at ?? null,
      to: open ? null : (ends[ends.length - 1] ?? null),
    }
  })
}

/** The clock that a step works under, by name and key. */
export function clockOf(one: Case, step: Step): CaseClock | undefined {
  const key = step.item_id ?? step.department?.code ?? ''
  return one.clocks.find((clock) => clock.name === step.element && clock.key === key)
}

/** Steps that hold the case up, the longest first. */
export const holdersOf = (one: Case): Step[] =>
  one.steps.filter((step) => !step.done_at).sort((a, b) => a.created_at.localeCompare(b.created_at))
