import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: 'rules',
    name: 'rules',
    component: () => import('./RulesView.vue'),
    meta: { title: 'rules.title', roles: ['officer', 'department_head', 'leader', 'system_admin'] },
  },
] satisfies RouteRecordRaw[]
