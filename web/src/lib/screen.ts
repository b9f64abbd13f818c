// Whether the page is phone-sized: cards instead of tables, tabs at the bottom.
import { readonly, ref } from 'vue'

const narrow = matchMedia('(max-width: 767px)')
const state = ref(narrow.matches)
narrow.addEventListener('change', (event) => (state.value = event.matches))

export const isPhone = readonly(state)
