import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: 'admin/:part(accounts|settings|calendar|journal)?', name: 'admin', component: () => import('./AdminView.vue'), meta: { title: 'admin.title', roles: ['system_admin', 'security_admin', 'audit_admin', 'auditor'] } },
] satisfies RouteRecordRaw[]
