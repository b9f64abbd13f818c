// What the heat map shows now; one object for the panel and what lies over the map.
import { computed, onScopeDispose, ref, shallowRef, watch, type InjectionKey } from 'vue'
import { changeApi, heatApi, type Comparison, type ZoneChange, type Layer, type Light, type Paint, type Style, type ZoneStat } from '@/api/heat'
import { useLoad } from '@/lib/load'
import { yearBefore } from './words'

const AGAIN = 2000 // While the server still works on a layer.

export function useHeat() {
  const layers = useLoad(heatApi.layers)
  const parcels = useLoad(heatApi.parcels)
  const fires = useLoad(heatApi.fires)
  const light = ref<Light>('')
  const style = ref<Style>('kelvin')
  const comparing = ref(false)
  const divider = ref(50) // Of a hundred, from the left.
  const currentId = ref<string | null>(null)
  const otherId = ref<string | null>(null)
  const showParcels = ref(false)
  const showFires = ref(false)
  const zone = ref<string | null>(null)
  const stats = shallowRef<ZoneStat[] | null>(null)

  // Change between two periods: the newest that is worked out, until one chooses another.
  const comparisons = useLoad(changeApi.list)
  const comparisonId = ref<string | null>(null)
  const comparison = shallowRef<(Comparison & { zones: ZoneChange[] }) | null>(null)
  watch(comparisons.data, (list) => {
    if (!list?.some((one) => one.id === comparisonId.value)) comparisonId.value = (list?.find((one) => one.state === 'ready') ?? list?.[0])?.id ?? null
  })
  watch([comparisonId, comparisons.data], async ([id]) => {
    if (!id) return (comparison.value = null)
    const found = await changeApi.get(id).catch(() => null)
    if (id === comparisonId.value) comparison.value = found
  })

  const all = computed(() => (layers.data.value ?? []).filter((one) => one.ready))
  const working = computed(() => (layers.data.value ?? []).length - all.value.length)
  const shown = computed(() => all.value.filter((one) => !light.value || one.light === light.value))
  const byId = (id: string | null) => all.value.find((one) => one.id === id) ?? null
  const current = computed(() => byId(currentId.value))
  const other = computed(() => (comparing.value ? byId(otherId.value) : null))
  const isSample = computed(() => [current.value, other.value].some((one) => one?.source === 'sample'))

  function choose(list: Layer[]) {
    if (list.some((one) => one.id === currentId.value)) return
    currentId.value = ([...list].reverse().find((one) => one.observed) ?? list.at(-1))?.id ?? null
  }
  watch(shown, choose)

  /** To compare with: about a year earlier in the same light, else the one before. */
  function chooseOther() {
    const now = current.value
    if (!now || byId(otherId.value)) return
    const rest = all.value.filter((one) => one.id !== now.id && one.observed && one.light === now.light)
    const goal = Date.parse(yearBefore(now.date))
    const near = [...rest].sort((a, b) => Math.abs(Date.parse(a.date) - goal) - Math.abs(Date.parse(b.date) - goal))[0]
    otherId.value = near?.id ?? all.value.find((one) => one.id !== now.id)?.id ?? null
  }
  watch(comparing, (on) => on && chooseOther())

  /** Two dates get one scale, or their colours could not be compared. */
  function paintOf(layer: Layer): Paint {
    const both = [layer, current.value, other.value].filter((one): one is Layer => one?.low_k != null && one.level_k != null)
    if (layer.level_k === null || both.length === 0) return { style: style.value }
    if (style.value === 'red') return { style: 'red', reference: layer.level_k }
    const low = Math.floor(Math.min(...both.map((one) => one.low_k!)))
    const high = Math.ceil(Math.max(...both.map((one) => one.high_k!)))
    if (style.value === 'kelvin') return { style: 'kelvin', low, high }
    const span = Math.ceil(Math.max(...both.map((one) => Math.max(one.high_k! - one.level_k!, one.level_k! - one.low_k!))))
    return { style: 'anomaly', reference: layer.level_k, span: Math.max(1, span) }
  }

  watch(current, async (layer) => {
    stats.value = null
    if (!layer) return
    const found = await heatApi.stats(layer).catch(() => [])
    if (layer.id === currentId.value) stats.value = found
  })

  let timer: ReturnType<typeof setTimeout> | undefined
  let open = false
  async function read() {
    open = true
    await Promise.all([layers.run(), comparisons.run()])
    choose(shown.value)
    clearTimeout(timer)
    const waits = comparisons.data.value?.some((one) => one.state === 'waiting')
    if (open && (working.value || waits)) timer = setTimeout(read, AGAIN)
  }
  function start() {
    void read()
    void parcels.run()
    void fires.run()
  }
  function stop() {
    open = false
    clearTimeout(timer)
    zone.value = null
  }
  onScopeDispose(stop)

  return {
    layers, parcels, fires, light, style, comparing, divider, currentId, otherId, showParcels, showFires, zone, stats,
    comparisons, comparisonId, comparison, all, shown, working, current, other, isSample, paintOf, read, start, stop,
  }
}

export type Heat = ReturnType<typeof useHeat>
export const HEAT: InjectionKey<Heat> = Symbol('heat')
