// The register: enterprises, grids, people, departments, and the calendar.
import { api, query, Problem, type Page } from '@/api/client'
import type { CaseRow, Named, Role } from '@/api/types'
import type { Area } from '@/components/geo'
import type { SpecialDay } from '@/components/year'

export type EnterpriseStatus = 'active' | 'building' | 'closed'
export const ENTERPRISE_STATUS: EnterpriseStatus[] = ['active', 'building', 'closed']

export interface EnterpriseRow {
  id: string
  code: string
  name: string
  short_name: string
  grid: Named | null
  industry: string
  status: EnterpriseStatus
  address: string
  lat: number | null
  lng: number | null
  answerer: Named | null
  open_cases: number
  overdue_cases: number
  version: number
}

export interface Answering {
  person: Named
  role: string
  since: string
  until: string | null
  note: string | null
  enterprise_id?: string | null
}

export interface Contact extends Named {
  phone_masked: string | null
  title: string | null
}

export interface Enterprise extends EnterpriseRow {
  area_m2: number | null
  employees: number | null
  scale: string | null
  note: string | null
  contacts: Contact[]
  answerers: Answering[]
  cases: { open: number; closed: number; overdue: number; avg_rating: number | null }
  recent_cases?: CaseRow[]
  may_change: boolean
}

export interface GridRow {
  id: string
  code: string
  name: string
  leader: Named | null
  members: Named[]
  enterprises: number
  open_cases: number
  overdue_cases: number
  polygon: Area | null
  version: number
}

export interface Grid extends Omit<GridRow, 'enterprises'> {
  enterprises: Named[]
  history: Answering[]
}

export interface PersonRow {
  id: string
  name: string
  kind: 'staff' | 'contact'
  department: Named | null
  title: string | null
  phone_masked: string | null
  roles: Role[]
  version: number
}

export interface Department {
  id: string
  code: string
  name: string
  head: Named | null
  version: number
}

export interface CalendarYear {
  calendar: CalendarName
  year: number
  days: SpecialDay[]
  complete: boolean
  version: number
}
export type CalendarName = 'office' | 'enterprise'

export interface ImportResult {
  rows: number
  created: number
  updated: number
  unchanged: number
  errors: { row: number; column: string; reason: string; detail: string }[]
}

export type Sheet = 'xlsx' | 'csv'
export type SheetOf = 'enterprises' | 'people' | 'grids'

/** All pages of a list, up to `most` items. */
export async function all<T>(path: string, values: Record<string, string | number | undefined> = {}, most = 2000) {
  const items: T[] = []
  let cursor: string | undefined
  do {
    const page: Page<T> = await api.get(`${path}${query({ ...values, limit: 200, cursor })}`)
    items.push(...page.items)
    cursor = page.next ?? undefined
  } while (cursor && items.length < most)
  return items
}

export const sheetUrl = (of: SheetOf, what: 'template' | 'export', format: Sheet, filter: Record<string, string> = {}) =>
  `/api/v1/${of}/${what}${query({ ...filter, format })}`

const SHEET_TYPES: Record<Sheet, string> = {
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv',
}

export function importSheet(of: SheetOf, file: File, dryRun: boolean): Promise<ImportResult> {
  const type = SHEET_TYPES[file.name.toLowerCase().endsWith('.csv') ? 'csv' : 'xlsx']
  return api.raw(`/${of}/import${query({ dry_run: dryRun })}`, new Blob([file], { type }))
}

/** Fields of a refusal by name, for showing each under its input. */
export function fieldErrors(failure: unknown): Record<string, string> {
  if (!(failure instanceof Problem)) return {}
  return Object.fromEntries(failure.errors.map((error) => [error.field, error.reason]))
}
