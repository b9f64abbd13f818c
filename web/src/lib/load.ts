// Loading for views: what came, whether it is on its way, what failed.
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'

export interface Loaded<T> {
  data: ShallowRef<T | null>
  failure: ShallowRef<unknown>
  busy: Ref<boolean>
  run: () => Promise<void>
}

/** `run` may be called again at any time: only the newest answer counts, and old data stays until it comes. */
export function useLoad<T>(fetch: () => Promise<T>): Loaded<T> {
  const data = shallowRef<T | null>(null)
  const failure = shallowRef<unknown>(null)
  const busy = ref(false)
  let newest = 0
  async function run() {
    const mine = ++newest
    busy.value = true
    try {
      const found = await fetch()
      if (mine !== newest) return
      data.value = found
      failure.value = null
    } catch (cause) {
      if (mine === newest) failure.value = cause
    } finally {
      if (mine === newest) busy.value = false
    }
  }
  return { data, failure, busy, run }
}
