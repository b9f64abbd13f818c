// What the pages of the engine's own instances ask /v2 for.
import type { ProcessIncident, VersionElement } from '@/api/admin'
import { api, type Page } from '@/api/client'
import type { Drawn } from '@/api/types'

export interface Instance {
  processInstanceKey: string
  processDefinitionKey: string
  processDefinitionId: string
  processDefinitionName: string
  processDefinitionVersion: number
  state: 'ACTIVE' | 'COMPLETED' | 'TERMINATED' | 'SUSPENDED'
  startDate: string
  endDate?: string
  parentProcessInstanceKey?: string
  businessId?: string
}

export interface Place {
  elementInstanceKey: string
  elementId: string
  elementName: string
  type: string
  state: Instance['state']
  startDate: string
  endDate?: string
}

export interface Variable {
  variableKey: string
  name: string
  value: string
  scopeKey: string
}

export interface Definition {
  processDefinitionKey: string
  version: number
}

interface Found<T> {
  items: T[]
}

const PAGE = { limit: 1000 }
export const search = async <T>(what: string, filter: object, sort: object[] = []) =>
  (await api.post<Found<T>>(`/v2/${what}/search`, { filter, sort, page: PAGE })).items

/** All versions of a process, the newest first. */
export const versionsOf = (process: string) =>
  search<Definition>('process-definitions', { processDefinitionId: process }, [{ field: 'version', order: 'desc' }])

export const drawingOf = async (definition: string) => api.text(`/v2/process-definitions/${definition}/xml`)

/** Its flow nodes, in the order of the file. */
export function elementsOf(xml: string): VersionElement[] {
  const all = new DOMParser().parseFromString(xml, 'text/xml').getElementsByTagNameNS('http://www.omg.org/spec/BPMN/20100524/MODEL', '*')
  return [...all]
    .filter((one) => one.id && /(task|Task|Event|Gateway|[sS]ubProcess|transaction|callActivity)$/.test(one.localName))
    .map((one) => {
      const name = one.getAttribute('name') ?? ''
      return { element: one.id, name, name_en: name, kind: one.localName, starts: !/^(startEvent|boundaryEvent)$/.test(one.localName) }
    })
}

export interface Seen {
  one: Instance
  places: Place[]
  variables: Variable[]
  stuck: ProcessIncident[]
  callers: { processInstanceKey: string; processDefinitionName: string }[]
  called: Instance[]
  drawn: Drawn
}

export async function readInstance(id: string): Promise<Seen> {
  const at = `/v2/process-instances/${id}`
  const of = { processInstanceKey: id }
  const [one, places, variables, { items: stuck }, callers, called, flows] = await Promise.all([
    api.get<Instance>(at),
    search<Place>('element-instances', of),
    search<Variable>('variables', of, [{ field: 'name', order: 'asc' }]),
    api.get<Page<ProcessIncident>>(`/operations/incidents?instance_id=${id}`),
    api.get<{ processInstanceKey: string; processDefinitionName: string }[]>(`${at}/call-hierarchy`),
    search<Instance>('process-instances', { parentProcessInstanceKey: id }),
    api.get<Found<{ elementId: string }>>(`${at}/sequence-flows`),
  ])
  return { one, places, variables, stuck, callers: callers.slice(0, -1), called, drawn: draw(places, stuck, flows.items.map((flow) => flow.elementId)) }
}

/** As a case tells it of itself. */
function draw(places: Place[], stuck: ProcessIncident[], flows: string[]): Drawn {
  const steps = new Map<string, Drawn['elements'][number]>()
  const inside = places.filter((place) => place.type !== 'PROCESS' && place.type !== 'MULTI_INSTANCE_BODY')
  for (const place of inside) {
    const step = steps.get(place.elementId) ?? { id: place.elementId, times: 0, waiting: 0, since: null, done_at: null }
    step.times += 1
    if (!place.endDate) {
      step.waiting += 1
      step.since = step.since && step.since < place.startDate ? step.since : place.startDate
    } else if (!step.done_at || step.done_at < place.endDate) step.done_at = place.endDate
    steps.set(place.elementId, step)
  }
  const ids = (wanted: Place[]) => [...new Set(wanted.map((place) => place.elementId))]
  return {
    active: ids(inside.filter((place) => !place.endDate)),
    done: ids(inside.filter((place) => place.state === 'COMPLETED')),
    flows,
    incidents: [...new Set(stuck.map((one) => one.element))],
    elements: [...steps.values()].filter((step) => !/event|gateway/i.test(inside.find((place) => place.elementId === step.id)!.type) || step.waiting > 0 || step.times > 1),
  }
}

