// What the park offers; asked once and kept.
import { shallowReactive } from 'vue'
import { api } from '@/api/client'
import type { Service, ServiceDetail } from '@/api/types'
import { nameOf } from '@/i18n'

const known = shallowReactive(new Map<string, ServiceDetail>())
const asked = new Map<string, Promise<ServiceDetail>>()

export function service(key: string): Promise<ServiceDetail> {
  let answer = asked.get(key)
  if (!answer) {
    answer = api.get<ServiceDetail>(`/services/${encodeURIComponent(key)}`)
    asked.set(key, answer)
    answer.then(
      (detail) => known.set(key, detail),
      () => asked.delete(key),
    )
  }
  return answer
}

export async function services(): Promise<Service[]> {
  return (await api.get<{ items: Service[] }>('/services')).items
}

/** Empty until the service is known; then the views that use it update by themselves. */
export function categoryName(key: string, category: string): string {
  const detail = known.get(key)
  if (!detail) {
    service(key).catch(() => {})
    return ''
  }
  return nameOf(detail.categories.find((one) => one.key === category)) || category
}

/** What is known of a service by now; asks for it if nothing is. */
export function serviceDetail(key: string): ServiceDetail | undefined {
  if (!known.has(key)) service(key).catch(() => {})
  return known.get(key)
}

export function serviceName(key: string): string {
  return nameOf(known.get(key))
}
