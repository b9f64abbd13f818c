// Accounts, settings, the journal and the board.
import type { CaseRow, Grant, Named } from '@/api/types'

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
  session_idle_minutes: number
  session_hours: number
  version: number
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
