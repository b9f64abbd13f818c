import type { RouteRecordRaw } from 'vue-router'
import { STAFF } from '@/store/session'

export default [
  { path: 'register/:part(enterprises|grids|people|departments)?', name: 'register', component: () => import('./RegisterView.vue'), meta: { title: 'register.title', roles: [...STAFF, 'system_admin'] } },
  { path: 'enterprises/:id', name: 'enterprise', component: () => import('./EnterpriseView.vue'), meta: { title: 'register.enterprise' } },
] satisfies RouteRecordRaw[]
