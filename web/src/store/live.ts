// One stream of changes for the whole page: views say what they want to hear.
import { onScopeDispose, reactive } from 'vue'
import type { LiveEvent } from '@/api/types'

type Listener = (event: LiveEvent) => void

const listeners = new Set<Listener>()
let source: EventSource | null = null

export const live = reactive({ connected: false, unread: new Set<string>() })

const TYPES = ['case', 'task', 'register', 'notice'] as const

export function connect() {
  if (source) return
  source = new EventSource('/events')
  source.onopen = () => (live.connected = true)
  source.onerror = () => (live.connected = false) // The browser tries again by itself.
  for (const type of TYPES)
    source.addEventListener(type, (message) => {
      const event = { ...JSON.parse((message as MessageEvent<string>).data), type } as LiveEvent
      if (event.case_id) live.unread.add(event.case_id)
      for (const listener of [...listeners]) listener(event)
    })
}

export function disconnect() {
  source?.close()
  source = null
  live.connected = false
  live.unread.clear()
}

export function markRead(caseId: string) {
  live.unread.delete(caseId)
}

/** Calls `listener` while the component lives. */
export function useLive(listener: Listener) {
  listeners.add(listener)
  onScopeDispose(() => listeners.delete(listener))
}

/** Runs `refresh` soon after matching events, at most every `wait` ms, so that bursts cost one call. */
export function useRefresh(refresh: () => unknown, wants: (event: LiveEvent) => boolean = () => true, wait = 700) {
  let timer: ReturnType<typeof setTimeout> | undefined
  useLive((event) => {
    if (!wants(event) || timer) return
    timer = setTimeout(() => {
      timer = undefined
      void refresh()
    }, wait)
  })
  onScopeDispose(() => clearTimeout(timer))
}
