// The heat map's own layers on a Leaflet map: one or two dates, parcels, fires.
import * as L from 'leaflet'
import { tileUrl, type Fire, type Paint, type Parcel } from '@/api/heat'

const ZOOM = 15 // Past it a scene's pixels are larger than a tile's: they are only drawn larger.

interface Shown {
  id: string
  paint: Paint
}

class Side {
  private layer: L.TileLayer | undefined
  private url = ''
  readonly pane: HTMLElement

  constructor(
    private readonly map: L.Map,
    private readonly name: string,
    order: number,
  ) {
    this.pane = map.getPane(name) ?? map.createPane(name)
    this.pane.style.zIndex = String(order)
    this.pane.style.pointerEvents = 'none'
  }

  show(shown: Shown | null) {
    const url = shown ? tileUrl(shown.id, shown.paint) : ''
    if (url === this.url) return
    this.url = url
    this.layer?.remove()
    this.layer = url
      ? L.tileLayer(url, { pane: this.name, maxNativeZoom: ZOOM, maxZoom: 19, opacity: 0.9, className: 'heat-tile' }).addTo(this.map)
      : undefined
  }
}

export class HeatLayers {
  private readonly left: Side
  private readonly right: Side
  private readonly parcels = L.layerGroup()
  private readonly fires = L.layerGroup()
  private part: number | null = null

  constructor(private readonly map: L.Map) {
    this.left = new Side(map, 'heat-left', 250)
    this.right = new Side(map, 'heat-right', 251)
    this.parcels.addTo(map)
    this.fires.addTo(map)
    map.on('move zoomend resize viewreset', this.clip, this)
  }

  /** With `right` the map is parted `part` of a hundred from the left. */
  show(left: Shown | null, right: Shown | null, part: number) {
    this.left.show(left)
    this.right.show(right)
    this.part = right ? part : null
    this.clip()
  }

  private clip() {
    const { pane: a } = this.left
    const { pane: b } = this.right
    if (this.part === null) {
      a.style.clip = b.style.clip = ''
      return
    }
    const size = this.map.getSize()
    const nw = this.map.containerPointToLayerPoint([0, 0])
    const se = this.map.containerPointToLayerPoint(size)
    const x = nw.x + (size.x * this.part) / 100
    a.style.clip = `rect(${nw.y}px, ${x}px, ${se.y}px, ${nw.x}px)`
    b.style.clip = `rect(${nw.y}px, ${se.x}px, ${se.y}px, ${x}px)`
  }

  showParcels(list: Parcel[], selected: string | null, chosen: (id: string) => void) {
    this.parcels.clearLayers()
    for (const parcel of list) {
      const className = `heat-parcel${parcel.id === selected ? ' is-selected' : ''}`
      const area = L.geoJSON(parcel.polygon as GeoJSON.Geometry, { style: { className, fillOpacity: 0.01, opacity: 1 } })
      const name = document.createElement('span')
      name.textContent = parcel.name
      area.bindTooltip(name, { direction: 'top', className: 'park-tip' })
      area.on('click', (event) => {
        L.DomEvent.stopPropagation(event)
        chosen(parcel.id)
      })
      this.parcels.addLayer(area)
    }
  }

  showFires(list: Fire[], say: (fire: Fire) => string) {
    this.fires.clearLayers()
    for (const fire of list) {
      const text = document.createElement('span')
      text.textContent = say(fire)
      const icon = L.divIcon({ className: `heat-fire heat-fire-${fire.confidence}`, html: '<i></i>', iconSize: [16, 16] })
      this.fires.addLayer(L.marker([fire.lat, fire.lng], { icon, keyboard: false, zIndexOffset: 300 }).bindTooltip(text, { className: 'park-tip' }))
    }
  }

  remove() {
    this.map.off('move zoomend resize viewreset', this.clip, this)
    this.show(null, null, 0)
    this.parcels.remove()
    this.fires.remove()
  }
}
