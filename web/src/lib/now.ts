// The time, moving: shared by all countdowns on the page.
import { readonly, ref } from 'vue'

const tick = ref(Date.now())
setInterval(() => (tick.value = Date.now()), 15_000)

export const now = readonly(tick)
