// Text that survives a reload or a closed dialog until it is sent.
import { ref, watch, type Ref } from 'vue'

export function useKept(key: string): Ref<string> {
  const place = `kuailian.text.${key}`
  const text = ref(sessionStorage.getItem(place) ?? '')
  watch(text, (value) => (value ? sessionStorage.setItem(place, value) : sessionStorage.removeItem(place)))
  return text
}

/** A key that makes a repeated POST act once. (randomUUID is missing on plain HTTP.) */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
