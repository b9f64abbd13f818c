// The heat map: scenes, the dates in them, and what was worked out for park, grids and parcels.
import { api, query, type Page } from '@/api/client'
import type { Named } from '@/api/types'
import type { Area } from '@/components/geo'

export type Light = 'day' | 'night' | ''
export type Source = 'upload' | 'folder' | 'sample'

export interface SceneAbout {
  kind?: string
  product?: string
  sensor?: string
  method?: string
  mask?: string
  native_m?: number
  pixel_m?: number
}

export interface Scene {
  id: string
  state: 'waiting' | 'working' | 'ready' | 'refused'
  name: string
  source: Source
  mask: string
  about: SceneAbout
  reason: string | null
  detail: string | null
  bytes: number
  files: number
  layers: number
  layers_done: number
  progress: number
  first_date: string | null
  last_date: string | null
  added_by: Named | null
  added_at: string
}

/** One date of a scene, by day or by night. */
export interface Layer {
  id: string
  scene_id: string
  scene: string
  source: Source
  name: string
  date: string
  time: string | null
  light: Light
  ready: boolean
  observed: boolean
  valid_fraction: number | null
  mean_k: number | null
  low_k: number | null
  high_k: number | null
  level_k: number | null
  mask: string
  about: SceneAbout
  version: string | null
}

export interface StatBody {
  min_k: number | null
  max_k: number | null
  q50_k: number | null
  above_mean_m2: number | null
  above_mean_level_k: number | null
  pixels: number
  masked: Record<string, number>
  zone_area_m2: number
  mended: boolean
}

export interface Stat {
  layer_id: string
  date: string
  light: Light
  state: 'observed' | 'no_observation'
  mean_k: number | null
  sd_k: number | null
  uncertainty_k: number | null
  clear: number
  valid_fraction: number
  below_resolution: boolean
  body: StatBody
}

export interface ZoneStat extends Stat {
  zone: string
  name: string | null
}

export interface Series {
  zone: string
  name: string | null
  points: (Stat & { scene_id: string })[]
}

export interface Parcel {
  id: string
  code: string
  name: string
  enterprise_id: string | null
  polygon: Area
}

export interface Fire {
  id: string
  at: string
  lat: number
  lng: number
  kelvin: number | null
  frp_mw: number | null
  confidence: 'low' | 'nominal' | 'high'
  light: Light
  satellite: string
  instrument: string
}

export interface FireSet {
  id: string
  name: string
  source: Source
  points: number
  added_at: string
}

export type Style = 'kelvin' | 'anomaly' | 'red'
export const STYLES: Style[] = ['kelvin', 'anomaly', 'red']

export interface Paint {
  style: Style
  low?: number
  high?: number
  reference?: number
  span?: number
}

export interface Legend {
  style: Style
  nothing_seen: boolean
  low: number | null
  high: number | null
  reference: number | null
  span: number | null
  stops: { kelvin: number; celsius: number; apart: number | null; colour: string }[]
  unseen_line: string
  unseen_ground: string
}

export const heatApi = {
  layers: async () => (await api.get<Page<Layer>>('/heat/layers')).items,
  parcels: async () => (await api.get<Page<Parcel>>('/heat/parcels')).items,
  fires: async () => (await api.get<Page<Fire>>(`/heat/fires${query({ limit: 200 })}`)).items,
  fireSets: async () => (await api.get<Page<FireSet>>('/heat/fires/sets')).items,
  scenes: async () => (await api.get<Page<Scene>>(`/heat/scenes${query({ limit: 200 })}`)).items,
  scene: (id: string) => api.get<Scene>(`/heat/scenes/${id}`),
  stats: async (layer: Layer) =>
    (await api.get<Page<ZoneStat>>(`/heat/scenes/${layer.scene_id}/stats${query({ layer_id: layer.id })}`)).items,
  series: (zone: string) => api.get<Series>(`/heat/series${query({ zone })}`),
  legend: (layerId: string, paint: Paint) => api.get<Legend>(`/heat/legend${query({ layer_id: layerId, ...paint })}`),
  remove: (id: string) => api.delete(`/heat/scenes/${id}`),
  removeFires: (id: string) => api.delete(`/heat/fires/sets/${id}`),
}

export const tileUrl = (layerId: string, paint: Paint) => `/api/v1/heat/tiles/${layerId}/{z}/{x}/{y}.png${query({ ...paint })}`
export const csvUrl = (zone: string) => `/api/v1/heat/series${query({ zone, format: 'csv' })}`

// ---- change between two periods ----

export type Verdict = 'warmer' | 'cooler' | 'no-change-shown' | 'no-observation'

export interface Comparison {
  id: string
  state: 'waiting' | 'ready' | 'refused'
  source: 'program' | 'person' | 'sample'
  light: Light
  from: string
  to: string
  baseline_from: string | null // null: the same days of earlier years.
  baseline_to: string | null
  reason: string | null
  detail: string | null
  asked_by: Named | null
  asked_at: string
  done_at: string | null
}

export interface ZoneChange {
  zone: string
  name: string | null
  verdict: Verdict
  lack: '' | 'views' | 'baseline' | 'reference'
  kelvin: number | null // Both null without observation, and without anything to compare with.
  interval: number | null
  views: number
  baseline_views: number
  below_resolution: boolean
  body: {
    confidence: number
    scatter: number | null
    drift: number | null
    product: number | null
    placebos: number
    reference_pixels: number
    same_season: boolean
    points: { layer_id: string; date: string; in_period: boolean; clear: number; anomaly: number | null }[]
  }
}

export interface ComparisonAsk {
  light: 'day' | 'night'
  from: string
  to: string
  baseline_from?: string
  baseline_to?: string
}

export const changeApi = {
  list: async () => (await api.get<Page<Comparison>>('/heat/index')).items,
  get: (id: string) => api.get<Comparison & { zones: ZoneChange[] }>(`/heat/index/${id}`),
  ask: (body: ComparisonAsk) => api.post<Comparison>('/heat/index', body),
  remove: (id: string) => api.delete(`/heat/index/${id}`),
}
