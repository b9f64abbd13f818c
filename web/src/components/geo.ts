// Small geometry on GeoJSON, for the map and for checking what somebody pastes.

export type Position = [number, number] // longitude, latitude
export interface Polygon {
  type: 'Polygon'
  coordinates: Position[][]
}
export interface MultiPolygon {
  type: 'MultiPolygon'
  coordinates: Position[][][]
}
export type Area = Polygon | MultiPolygon

export type AreaProblem = 'json' | 'kind' | 'ring' | 'closed' | 'range'

export function outerRings(area: Area): Position[][] {
  const parts = area.type === 'Polygon' ? [area.coordinates] : area.coordinates
  return parts.map((rings) => rings[0] ?? [])
}

function ringArea(ring: Position[]): number {
  let sum = 0
  for (let i = 0; i + 1 < ring.length; i++) {
    const [ax, ay] = ring[i]!
    const [bx, by] = ring[i + 1]!
    sum += ax * by - bx * ay
  }
  return sum / 2
}

// The middle of the largest part as [latitude, longitude]: where a label stands.
export function middle(area: Area): [number, number] {
  const ring = outerRings(area).sort((a, b) => Math.abs(ringArea(b)) - Math.abs(ringArea(a)))[0] ?? []
  const total = ringArea(ring)
  if (total === 0) return ring[0] ? [ring[0][1], ring[0][0]] : [0, 0]
  let x = 0
  let y = 0
  for (let i = 0; i + 1 < ring.length; i++) {
    const [ax, ay] = ring[i]!
    const [bx, by] = ring[i + 1]!
    const cross = ax * by - bx * ay
    x += (ax + bx) * cross
    y += (ay + by) * cross
  }
  return [y / (6 * total), x / (6 * total)]
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function ringProblem(ring: unknown): AreaProblem | null {
  if (!Array.isArray(ring) || ring.length < 4) return 'ring'
  for (const point of ring) {
    if (!Array.isArray(point) || point.length < 2) return 'ring'
    const [x, y] = point as unknown[]
    if (typeof x !== 'number' || typeof y !== 'number') return 'ring'
    if (Math.abs(x) > 180 || Math.abs(y) > 90) return 'range'
  }
  const first = ring[0] as number[]
  const last = ring[ring.length - 1] as number[]
  return first[0] === last[0] && first[1] === last[1] ? null : 'closed'
}

// Reads a geometry, a feature or a collection of one feature.
export function readArea(text: string): { area: Area } | { problem: AreaProblem } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problem: 'json' }
  }
  if (isRecord(value) && value.type === 'FeatureCollection' && Array.isArray(value.features)) value = value.features[0]
  if (isRecord(value) && value.type === 'Feature') value = value.geometry
  if (!isRecord(value) || !Array.isArray(value.coordinates)) return { problem: 'kind' }
  if (value.type !== 'Polygon' && value.type !== 'MultiPolygon') return { problem: 'kind' }
  const parts: unknown[] = value.type === 'Polygon' ? [value.coordinates] : value.coordinates
  if (parts.length === 0) return { problem: 'ring' }
  for (const rings of parts) {
    if (!Array.isArray(rings) || rings.length === 0) return { problem: 'ring' }
    for (const ring of rings) {
      const problem = ringProblem(ring)
      if (problem) return { problem }
    }
  }
  return { area: { type: value.type, coordinates: value.coordinates } as Area }
}
