// Shapes of the API that more than one view uses. Ids are texts: they have 63 bits.

export interface Named {
  id: string
  name: string
}

export type Role =
  | 'contact'
  | 'grid_member'
  | 'grid_leader'
  | 'officer'
  | 'department_head'
  | 'leader'
  | 'trading_officer'
  | 'gate_guard'
  | 'auditor'
  | 'system_admin'
  | 'security_admin'
  | 'audit_admin'
  | 'engine_client'

export interface Grant {
  role: Role
  scope: 'park' | 'grid' | 'department' | 'enterprise'
  id: string | null
  name: string | null
}

export interface Me {
  person: Named
  login: string
  csrf: string
  roles: Role[]
  grants: Grant[]
  park: { id: string; name: string; sample: boolean }
  must_change_password: boolean
}

export type Light = 'green' | 'yellow' | 'red' | 'paused' | 'done'

export type CaseStatus =
  | 'draft'
  | 'dispatched'
  | 'signed'
  | 'in_progress'
  | 'paused'
  | 'resolved'
  | 'to_rate'
  | 'archived'
  | 'withdrawn'
  | 'rejected'

export interface CaseRow {
  id: string
  number: string
  service: string
  title: string
  category: string
  status: CaseStatus
  enterprise: Named
  grid: Named | null
  department: Named | null
  holder: Named | null
  filed_at: string
  clock: string | null
  due_at: string | null
  light: Light
  level: number
  raised_to: Role | null
  reminders: number
  supervised: boolean
  suspended: boolean
  rating: number | null
  updated_at: string
}

export interface FileRef {
  id: string
  name: string
  type: string
  size: number
}

export interface Place {
  lat: number
  lng: number
  address: string
}

export interface RequestForm {
  title?: string
  category?: string
  text?: string
  location?: Place | null
  contact_phone?: string
  [field: string]: unknown
}

export interface CaseClock {
  name: string
  /** A department's code or an item's id; empty for the case's own clock. */
  key: string
  started_at: string
  due_at: string
  warn_at: string | null
  stopped_at: string | null
  state: 'running' | 'paused' | 'met' | 'late' | 'stopped'
  pauses: { from: string; to: string | null; reason: string }[]
}

export interface Actor extends Named {
  role?: string | null
}

export interface CaseTask {
  id: string
  element: string
  name: string
  name_en?: string
  assignee: Named | null
  role: string | null
  actions: string[]
  outcomes?: Outcome[]
  department_id: string | null
  item_id: string | null
  /** Lists of items that the task marks, adds to or edits. */
  marks: string | null
  adds: string | null
  edits: string | null
  /** One of the service's task forms. */
  form: string | null
  created_at: string
  due_at: string | null
}

export interface Outcome {
  key: string
  name: string
  name_en: string
  /** What it asks for: words, files, items; and whether it may be had only once. */
  words: boolean
  evidence: boolean
  needs: boolean
  once: boolean
}

export interface Coded extends Named {
  code: string
}

/** A task, open or done, of a service whose departments work side by side. */
export interface Step {
  id: string
  element: string
  name: string
  name_en: string
  stage: string | null
  signs: boolean
  role: Role
  department: Coded | null
  item_id: string | null
  assignee: Named | null
  created_at: string
  due_at: string | null
  done_at: string | null
  done_by: Named | null
  level: number
  outcome: { key: string; name: string; name_en: string } | null
  text: string | null
  files: FileRef[]
  answers: Record<string, unknown> | null
}

export type ItemState = 'open' | 'met' | 'unmet' | 'not_applicable' | 'fixed' | 'closed' | 'merged'

export interface Item {
  id: string
  list: string
  number: number
  state: ItemState
  title: string
  title_en: string
  basis: string
  department: Named | null
  /** Null: the enterprise. */
  owner: Named | null
  source_id: string | null
  due_at: string | null
  text: string
  files: FileRef[]
  marked_by: Named | null
  marked_at: string | null
  fixed_by: Named | null
  fixed_at: string | null
  fix_text: string
  fix_files: FileRef[]
  checked_by: Named | null
  checked_at: string | null
  check_text: string
  rounds: number
}

export interface CaseMessage {
  id: string
  at: string
  author: Actor
  text: string
  files: FileRef[]
  internal: boolean
}

export interface TimelineEntry {
  seq: string | number
  at: string
  kind: string
  actor: Actor | null
  data: Record<string, unknown>
}

/** What people had to do at a step of the process. */
export interface ProcessElement {
  id: string
  times: number
  waiting: number
  since: string | null
  done_at: string | null
}

/** What is drawn on a process: where it stands, which way it came. */
export interface Drawn {
  active: string[]
  done: string[]
  flows: string[]
  incidents: string[]
  elements: ProcessElement[]
}

/** A process and those that it calls: a drawing each. */
export interface ProcessFile {
  file: string
  name: string
  text: string
}

export interface Case extends Omit<CaseRow, 'rating'> {
  rating: { level: number; text: string; at: string } | null
  form: RequestForm
  files: FileRef[]
  clocks: CaseClock[]
  tasks: CaseTask[]
  steps: Step[]
  items: Item[]
  /** What the process has decided by now, by name. */
  decided: Record<string, unknown>
  next: { text_key: string; name: string; name_en: string; who: string | null; role: string | null; until: string | null } | null
  supervision: { text: string; reply_by: string | null } | null
  /** Who stands the whole case still, and why. */
  suspension: { at: string; by: Named | null; reason: string } | null
  incident?: string | null
  actions: string[]
  messages: CaseMessage[]
  process: Drawn
  result: { text: string; at: string; files: FileRef[] } | null
  extension: { asked_days: number; reason: string; state: string | null } | null
  handbacks: number
  handback_cap: number
  timeline: TimelineEntry[]
  watching: boolean
  version: string | number
}

export interface TaskRow {
  id: string
  case: CaseRow
  element: string
  name: string
  name_en: string
  assignee: Named | null
  created_at: string
  due_at: string | null
  light: Light
  actions: string[]
  outcomes: Outcome[]
  done_at: string | null
}

export interface Service {
  key: string
  name: string
  name_en: string
  about: string
  about_en: string
  department: string | Named | null
  may_apply: boolean
}

export interface FormField {
  type: string
  id?: string
  key?: string
  label?: string
  text?: string
  description?: string
  values?: { label: string; value: string; label_en?: string }[]
  multiple?: boolean
  accept?: string
  validate?: { required?: boolean; minLength?: number; maxLength?: number; pattern?: string; min?: number; max?: number }
  properties?: Record<string, string>
}

export interface ServiceDetail extends Service {
  form: { components: FormField[] }
  categories: { key: string; name: string; name_en: string }[]
  limits: { clock: string; text: string; text_en: string }[]
  stages: { key: string; name: string; name_en: string }[]
  /** `marked`: a checklist; else a list of what is to be put right. */
  lists: { key: string; name: string; name_en: string; marked: boolean }[]
  task_forms: Record<string, { components: FormField[] }>
  law: string
  pause_reasons: string[]
  extension_days_max: number
}

export interface Draft {
  id: string
  service: string
  enterprise_id: string | null
  enterprise?: Named | null
  form: RequestForm
  file_ids?: string[]
  files?: FileRef[]
  updated_at: string
  version?: string | number
}

export interface LiveEvent {
  type: 'case' | 'task' | 'register' | 'notice'
  kind: string
  case_id?: string
  enterprise_id?: string
  grid_id?: string
  at: string
}
