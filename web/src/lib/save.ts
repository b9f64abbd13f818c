// A form that is sent: which fields are wrong, what the server refused, whether it is on its way.
import { reactive, ref, shallowRef } from 'vue'
import { fieldErrors } from '@/api/register'
import { wrongText } from '@/lib/wrong'

export type Wrong = Record<string, string>

/** What is still missing: fields of the form that are empty, as `useSave().send` takes them. */
export function missing(form: Record<string, unknown>, ...fields: string[]): Wrong {
  return Object.fromEntries(fields.filter((field) => !String(form[field] ?? '').trim()).map((field) => [field, 'field.required']))
}

export type Saver = ReturnType<typeof useSave>

export function useSave() {
  const errors = ref<Wrong>({})
  const failure = shallowRef<unknown>(null)
  const busy = ref(false)

  function clear() {
    errors.value = {}
    failure.value = null
  }

  /** The text under a field, or nothing. */
  const wrong = (field: string) => wrongText(errors.value[field])

  /** Runs `work` unless fields are wrong or it runs already; tells whether it succeeded. */
  async function send(faults: Wrong, work: () => Promise<unknown>): Promise<boolean> {
    errors.value = faults
    if (busy.value || Object.keys(faults).length > 0) return false
    busy.value = true
    failure.value = null
    try {
      await work()
      return true
    } catch (refusal) {
      errors.value = fieldErrors(refusal)
      failure.value = refusal
      return false
    } finally {
      busy.value = false
    }
  }

  return reactive({ errors, failure, busy, clear, wrong, send })
}
