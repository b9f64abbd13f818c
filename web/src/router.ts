// Every area lists its own routes in views/<area>/routes.ts; `meta.roles` says who may open a page.
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { api } from '@/api/client'
import type { Role } from '@/api/types'
import { load, session } from '@/store/session'
import caseRoutes from '@/views/cases/routes'
import homeRoutes from '@/views/home/routes'
import meRoutes from '@/views/me/routes'
import sessionRoutes from '@/views/session/routes'
import mapRoutes from '@/views/map/routes'
import boardRoutes from '@/views/board/routes'
import registerRoutes from '@/views/register/routes'
import adminRoutes from '@/views/admin/routes'
import ruleRoutes from '@/views/rules/routes'

declare module 'vue-router' {
  interface RouteMeta {
    /** Shown in the page's heading and the browser's tab: a locale key. */
    title?: string
    /** Absent: anyone who is signed in. */
    roles?: Role[]
    /** Works without a session. */
    open?: boolean
  }
}

const inside: RouteRecordRaw[] = [
  ...homeRoutes,
  ...caseRoutes,
  ...meRoutes,
  ...mapRoutes,
  ...boardRoutes,
  ...registerRoutes,
  ...ruleRoutes,
  ...adminRoutes,
  { path: ':rest(.*)*', name: 'missing', component: () => import('@/views/home/MissingView.vue'), meta: { title: 'shell.missing' } },
]

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    ...sessionRoutes,
    { path: '/', component: () => import('@/components/AppShell.vue'), children: inside },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

let setupNeeded: boolean | null = null

async function needsSetup(): Promise<boolean> {
  setupNeeded ??= (await api.get<{ needed: boolean }>('/setup')).needed
  return setupNeeded
}

export function setupIsDone() {
  setupNeeded = false
}

router.beforeEach(async (to) => {
  const me = session.loaded ? session.me : await load()
  if (!me) {
    if (await needsSetup()) return to.name === 'setup' ? true : { name: 'setup' }
    if (to.name === 'setup') return { name: 'login' }
    return to.meta.open ? true : { name: 'login', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  }
  if (me.must_change_password && to.name !== 'password') return { name: 'password' }
  if (to.name === 'login' || to.name === 'setup') return { path: '/' }
  const roles = to.meta.roles
  if (roles && !me.roles.some((role) => roles.includes(role))) return { name: 'missing', params: { rest: to.path.slice(1).split('/') } }
  return true
})
