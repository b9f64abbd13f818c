// Doing something: busy while it runs, a word when it is done, the reason when it is refused.
import { ref } from 'vue'
import { ElMessage } from 'element-plus/es/components/message/index.mjs'
import 'element-plus/es/components/message/style/css'
import { explain } from '@/i18n'

export function say(text: string) {
  ElMessage({ message: text, type: 'success', plain: true })
}

export function complain(failure: unknown) {
  ElMessage({ message: explain(failure), type: 'error', plain: true, duration: 6000, showClose: true })
}

/** `act(work, said)` runs one thing at a time and tells whether it succeeded. */
export function useAct() {
  const busy = ref(false)
  async function act(work: () => Promise<unknown>, said?: string): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    try {
      await work()
      if (said) say(said)
      return true
    } catch (failure) {
      complain(failure)
      return false
    } finally {
      busy.value = false
    }
  }
  return { busy, act }
}
