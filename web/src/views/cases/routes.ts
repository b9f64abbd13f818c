import type { RouteRecordRaw } from 'vue-router'
import { STAFF } from '@/store/session'

export default [
  { path: 'apply', name: 'services', component: () => import('./ServicesView.vue'), meta: { title: 'apply.services', roles: ['contact'] } },
  { path: 'apply/:service', name: 'apply', component: () => import('./ApplyView.vue'), meta: { title: 'apply.title', roles: ['contact'] } },
  { path: 'cases', name: 'cases', component: () => import('./CasesView.vue'), meta: { title: 'cases.title', roles: ['contact', ...STAFF] } },
  { path: 'cases/:id', name: 'case', component: () => import('./CaseView.vue'), meta: { title: 'cases.one' } },
] satisfies RouteRecordRaw[]
