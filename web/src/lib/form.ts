// The part of form-js schemas that services use, checked before anything is sent.
import type { FormField } from '@/api/types'

export type Fault = { key: 'required' | 'short' | 'pattern'; n?: number }

export const keyOf = (field: FormField) => field.key ?? field.id ?? ''

export function faultOf(field: FormField, value: unknown): Fault | null {
  const rules = field.validate ?? {}
  const empty = value === undefined || value === null || (typeof value === 'string' && !value.trim())
  if (empty) return rules.required ? { key: 'required' } : null
  if (typeof value !== 'string') return null
  if (rules.minLength && [...value.trim()].length < rules.minLength) return { key: 'short', n: rules.minLength }
  if (rules.pattern && !new RegExp(rules.pattern).test(value)) return { key: 'pattern' }
  return null
}

/** What is sent: texts trimmed, and nothing that is empty. */
export function filled(fields: FormField[], form: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const field of fields) {
    if (field.type === 'filepicker') continue
    const value = form[keyOf(field)]
    const kept = typeof value === 'string' ? value.trim() : value
    if (kept !== undefined && kept !== null && kept !== '') out[keyOf(field)] = kept
  }
  return out
}
