// Accounts, settings, the journal and the board.
import type { CaseRow, CaseStatus, Grant, Named, ProcessFile } from '@/api/types'

export type AccountState = 'active' | 'locked' | 'disabled'

export interface Account {
  person: Named
  login: string
  state: AccountState
  last_login_at: string | null
  roles: Grant[]
  version: number
}

export interface Settings {
  park_name: string
  time_zone: string
  map: { lat: number; lng: number; zoom: number }
  origin: string
  process_days: number
  session_idle_minutes: number
  session_hours: number
  history_days: number
  version: number
}

export interface Step {
  element: string
  name: string
  name_en: string
  count: number
  late: number
}

/** A service, or a process of /v2 in one version. */
export interface Running {
  definition_id: string | null
  version: number
  key: string
  name: string
  name_en: string
  open: number
  incidents: number
  steps: Step[]
}

/** How many stand at a step of a definition. */
export interface StepCount {
  element: string
  name: string
  name_en: string
  count: number
  incidents: number
  late: number
  timers: number
}

export interface Picture {
  key: string
  name: string
  name_en: string
  model_id: string | null
  definition_id: string | null
  version: number
  files: ProcessFile[]
  steps: StepCount[]
}

/** An instance of /v2 that runs. */
export interface RunningInstance {
  id: string
  definition_id: string
  key: string
  name: string
  version: number
  business_id: string | null
  started_at: string
  suspended: boolean
  incidents: number
  stuck: boolean
  steps: { element: string; name: string }[]
}

export interface StuckTimer {
  case_id: string | null
  instance_id: string | null
  definition_id: string | null // A process that is to begin by itself.
  number: string | null
  key: string
  due_at: string
}

export interface Operations {
  as_of: string
  definitions: Running[]
  timers: StuckTimer[]
}

interface Incident {
  element: string
  kind: string
  message: string
  detail: Record<string, unknown> | null
  raised_at: string
}

export interface CaseIncident extends Incident {
  case_id: string
  token: string
  number: string
  service: string
}

export interface ProcessIncident extends Incident {
  id: string
  instance_id: string
  key: string
  version: number
}

/** A case that runs, as who keeps the system sees it. */
export interface RunningCase {
  id: string
  number: string
  service: string
  model_id: string
  status: CaseStatus
  suspended: boolean
  late: boolean
  incidents: number
  steps: { element: string; name: string; name_en: string }[]
}

export interface CasePlace {
  token: string
  /** Of what it stands in. */
  scope: string | null
  /** Whose task it is, or is in it. */
  who: string | null
  element: string
  name: string
  name_en: string
  waits: boolean
}

/** Where a case stands, and who has suspended it. */
export interface CaseStanding {
  places: CasePlace[]
  suspended_at: string | null
  suspended_by: Named | null
  suspended_reason: string | null
}

export interface CaseFault {
  element: string
  rule: string
  detail: string
}

export interface CaseEffect {
  ends: CasePlace[]
  begins: CasePlace[]
  stays: { from: string; to: string }[]
  faults: CaseFault[]
}

export interface CaseRefusal {
  case_id: string
  number: string
  detail: string
  faults: CaseFault[]
}

export interface CaseBatch {
  moved: number
  refused: CaseRefusal[]
  next: string | null
}

export interface VersionElement {
  element: string
  name: string
  name_en: string
  kind: string
  starts: boolean
}

export interface ServiceVersion {
  model_id: string | null
  since: string | null
  open: number
  current: boolean
  elements: VersionElement[]
}

export interface JournalEntry {
  seq: number
  at: string
  kind: string
  case_id: string | null
  actor: Named | null
  subject_id: string | null
  body: unknown
  erased: boolean
}

export interface Board {
  as_of: string
  today: { filed: number; resolved: number; open: number; overdue: number }
  on_time_rate: number | null
  sign_on_time_rate: number | null
  avg_rating: number | null
  ratings: number[] // From the worst to the best.
  by_grid: BoardGrid[]
  by_category: { key: string; name: string; name_en?: string; n: number }[]
  trend: { date: string; filed: number; resolved: number }[]
  recent: CaseRow[]
  overdue: CaseRow[]
}

export interface BoardGrid {
  grid: Named
  open: number
  overdue: number
  resolved: number
  on_time_rate: number | null
  avg_rating: number | null
}
