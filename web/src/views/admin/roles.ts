import type { Grant, Role } from '@/api/types'
import { t } from '@/i18n'

export const SCOPE: Record<Role, Grant['scope']> = {
  contact: 'enterprise',
  grid_member: 'grid',
  grid_leader: 'grid',
  officer: 'department',
  department_head: 'department',
  leader: 'park',
  trading_officer: 'park',
  gate_guard: 'park',
  auditor: 'park',
  system_admin: 'park',
  security_admin: 'park',
  audit_admin: 'park',
  engine_client: 'park',
}

/** "Grid member · Harbour east"; roles of the whole park stand alone. */
export function roleText(grant: Grant): string {
  const role = t(`shell.roles.${grant.role}`)
  return grant.scope === 'park' || !grant.name ? role : `${role} · ${grant.name}`
}

const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789' // 32 without look-alikes: a byte maps evenly.

/** A first password that can be read out: 20 characters, 100 bits. */
export function firstPassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(20))
  return [...bytes]
    .map((byte) => LETTERS[byte % LETTERS.length])
    .join('')
    .replace(/.{5}(?=.)/g, '$&-')
}
