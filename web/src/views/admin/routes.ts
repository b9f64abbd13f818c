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

const KEEPER: Role[] = ['system_admin']

export default [
  {
    path: 'admin/operations/services/:service',
    name: 'operated-service',
    component: () => import('./operations/DefinitionView.vue'),
    meta: { title: 'admin.part.operations', roles: KEEPER },
  },
  {
    path: 'admin/operations/processes/:id(\\d+)',
    name: 'operated-process',
    component: () => import('./operations/DefinitionView.vue'),
    meta: { title: 'admin.part.operations', roles: KEEPER },
  },
  {
    path: 'admin/operations/instances/:id(\\d+)',
    name: 'operated-instance',
    component: () => import('./operations/InstanceView.vue'),
    meta: { title: 'admin.part.operations', roles: KEEPER },
  },
  {
    path: 'admin/:part(accounts|operations|settings|calendar|journal)?',
    name: 'admin',
    component: () => import('./AdminView.vue'),
    meta: { title: 'admin.title', roles: ['system_admin', 'security_admin', 'audit_admin', 'auditor'] },
  },
] satisfies RouteRecordRaw[]
