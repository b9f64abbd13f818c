// What /api/v1/decisions answers.

export interface RulesFile {
  name: string
  text: string
}

export interface Finding {
  severity: 'error' | 'warning' | 'note'
  what: string
  place: string
  detail: string
  line: number
  rules: number[]
  example: Record<string, unknown> | null
}

export interface Checked {
  name: string
  decisions: string[]
  inputs: string[]
  findings: Finding[]
}

export interface Reason {
  what: string
  detail: string
  where: string
  place: string
}

export interface RuleTrace {
  rule: number
  fired: boolean
  failed_input?: number
}

export interface Evaluated {
  result: unknown
  type: string
  reasons: Reason[]
  trace?: { name: string; result: unknown; rules: RuleTrace[] }[]
}
