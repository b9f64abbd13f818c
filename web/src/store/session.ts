// Who is signed in.
import { computed, reactive } from 'vue'
import { api, Problem, setCsrf } from '@/api/client'
import type { Me, Role } from '@/api/types'

export const session = reactive<{ me: Me | null; loaded: boolean }>({ me: null, loaded: false })

// Says that asking is worth it: without a session the answer would be a needless 401.
const HINT = 'kuailian.signed-in'

export function take(me: Me | null) {
  session.me = me
  if (me) localStorage.setItem(HINT, '1')
  else localStorage.removeItem(HINT)
  session.loaded = true
  setCsrf(me?.csrf ?? '')
}

/** Asks once who is signed in; nobody is no error. */
export async function load(): Promise<Me | null> {
  if (session.loaded) return session.me
  if (!localStorage.getItem(HINT)) take(null)
  if (session.loaded) return session.me
  try {
    take(await api.get<Me>('/me'))
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.status !== 401) throw problem
    take(null)
  }
  return session.me
}

export async function signIn(login: string, password: string): Promise<Me> {
  take(await api.post<Me>('/session', { login, password }))
  return session.me!
}

export async function signOut() {
  try {
    await api.delete('/session')
  } finally {
    take(null)
  }
}

export function has(...roles: Role[]): boolean {
  return session.me?.roles.some((role) => roles.includes(role)) ?? false
}

export const STAFF: Role[] = ['grid_member', 'grid_leader', 'officer', 'department_head', 'leader']

export const isStaff = computed(() => has(...STAFF))
export const isContact = computed(() => has('contact'))
