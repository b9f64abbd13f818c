import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: 'board',
    name: 'board',
    component: () => import('./BoardView.vue'),
    meta: { title: 'board.title', roles: ['leader', 'department_head', 'grid_leader'] },
  },
] satisfies RouteRecordRaw[]
