import type { RouteRecordRaw } from 'vue-router'
import type { Role } from '@/api/types'
import { STAFF } from '@/store/session'

const READERS: Role[] = [...STAFF, 'system_admin']

export default [
  {
    path: 'register/:part(enterprises|grids|people|departments)?',
    name: 'register',
    component: () => import('./RegisterView.vue'),
    meta: { title: 'register.title', roles: READERS },
  },
  {
    path: 'register/grids/:id(\\d+)',
    name: 'grid',
    component: () => import('./GridView.vue'),
    meta: { title: 'register.grid.one', roles: READERS },
  },
  {
    path: 'register/people/:id(\\d+)',
    name: 'person',
    component: () => import('./PersonView.vue'),
    meta: { title: 'register.person.one', roles: READERS },
  },
  {
    path: 'enterprises/:id(\\d+)',
    name: 'enterprise',
    component: () => import('./EnterpriseView.vue'),
    meta: { title: 'register.enterprise.page' },
  },
] satisfies RouteRecordRaw[]
