// A list that is read page by page: filters live in the address, so that going back finds them again.
import { computed, onScopeDispose, reactive, ref, shallowRef, watch } from 'vue'
import { onBeforeRouteLeave, useRoute, useRouter } from 'vue-router'
import { api, query, type Page } from '@/api/client'
import { isPhone } from '@/lib/screen'

export function usePages<T>(path: string, names: readonly string[], limit = isPhone.value ? 20 : 50) {
  const route = useRoute()
  const router = useRouter()
  const filter = reactive<Record<string, string>>(Object.fromEntries(names.map((name) => [name, String(route.query[name] ?? '')])))
  const items = shallowRef<T[]>([])
  const loading = ref(true)
  const failure = shallowRef<unknown>(null)
  const next = ref<string | null>(null)
  const before = ref<string[]>([]) // Cursors of the pages that were passed; the last is this page's.
  const page = computed(() => before.value.length + 1)
  const filtered = computed(() => names.some((name) => filter[name]))
  let stop: AbortController | undefined

  async function read() {
    stop?.abort()
    const mine = (stop = new AbortController())
    loading.value = true
    try {
      const cursor = before.value.at(-1)
      const found = await api.get<Page<T>>(`${path}${query({ ...filter, cursor, limit })}`, { signal: mine.signal })
      items.value = found.items
      next.value = found.next
      failure.value = null
    } catch (problem) {
      if (mine.signal.aborted) return
      failure.value = problem
    }
    loading.value = false
  }

  let timer: ReturnType<typeof setTimeout> | undefined
  watch(filter, () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      before.value = []
      void router.replace({ query: Object.fromEntries(names.filter((n) => filter[n]).map((n) => [n, filter[n]])) })
      void read()
    }, 250)
  })
  onBeforeRouteLeave(() => clearTimeout(timer)) // A late filter must not call a click back.
  onScopeDispose(() => {
    clearTimeout(timer)
    stop?.abort()
  })

  function forward() {
    if (!next.value) return
    before.value.push(next.value)
    void read()
  }
  function back() {
    before.value.pop()
    void read()
  }
  function clear() {
    for (const name of names) filter[name] = ''
  }

  void read()
  return reactive({ filter, items, loading, failure, next, page, filtered, read, forward, back, clear })
}
