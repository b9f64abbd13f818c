import type { RouteRecordRaw } from 'vue-router'
import { STAFF } from '@/store/session'

export default [
  { path: 'map', name: 'map', component: () => import('./MapView.vue'), meta: { title: 'map.title', roles: [...STAFF, 'system_admin'] } },
] satisfies RouteRecordRaw[]
