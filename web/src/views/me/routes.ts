import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: 'me', name: 'me', component: () => import('./MeView.vue'), meta: { title: 'me.title' } },
] satisfies RouteRecordRaw[]
