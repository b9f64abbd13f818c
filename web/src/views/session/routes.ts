import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/login', name: 'login', component: () => import('./LoginView.vue'), meta: { open: true, title: 'session.login' } },
  { path: '/setup', name: 'setup', component: () => import('./SetupView.vue'), meta: { open: true, title: 'session.setup' } },
  { path: '/password', name: 'password', component: () => import('./PasswordView.vue'), meta: { title: 'session.password' } },
] satisfies RouteRecordRaw[]
