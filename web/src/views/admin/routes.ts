import type { RouteRecordRaw } from 'vue-router'
import type { Role } from '@/api/types'

/** Who sees which part; the first one that is allowed opens. */
export const PARTS: Record<string, Role[]> = {
  accounts: ['security_admin'],
  operations: ['system_admin'],
  settings: ['system_admin'],
  calendar: ['system_admin'],
  journal: ['audit_admin', 'auditor'],
}

export default [
  {
    path: 'admin/:part(accounts|operations|settings|calendar|journal)?',
    name: 'admin',
    component: () => import('./AdminView.vue'),
    meta: { title: 'admin.title', roles: ['system_admin', 'security_admin', 'audit_admin', 'auditor'] },
  },
] satisfies RouteRecordRaw[]
