import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const root = path.resolve(import.meta.dirname, '../src')
const areas = (language: string) => readdirSync(path.join(root, 'locales', language)).sort()
const read = (language: string, area: string) => JSON.parse(readFileSync(path.join(root, 'locales', language, area), 'utf8')) as object

function texts(node: object, prefix = ''): [string, string][] {
  return Object.entries(node).flatMap(([key, value]) =>
    typeof value === 'string' ? [[prefix + key, value] as [string, string]] : texts(value as object, `${prefix}${key}.`),
  )
}
const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort()

describe('both languages', () => {
  it('have the same areas', () => expect(areas('en')).toEqual(areas('zh-CN')))
  for (const area of areas('zh-CN'))
    it(`say the same in ${area}`, () => {
      const zh = new Map(texts(read('zh-CN', area)))
      const en = new Map(texts(read('en', area)))
      expect([...en.keys()].sort()).toEqual([...zh.keys()].sort())
      for (const [key, text] of zh) {
        expect(text.length * en.get(key)!.length, key).toBeGreaterThan(0)
        expect([key, holes(en.get(key)!)]).toEqual([key, holes(text)])
      }
    })
})

// Every t('…') with a plain key has its text.
const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? sources(path.join(folder, entry.name)) : /\.(vue|ts)$/.test(entry.name) ? [path.join(folder, entry.name)] : [],
  )

describe('every text', () => {
  const known = new Set(areas('zh-CN').flatMap((area) => texts(read('zh-CN', area)).map(([key]) => `${path.parse(area).name}.${key}`)))
  it('that a page names is there', () => {
    const missing = sources(root).flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/(?<![\w.])\$?t\('([\w.-]+)'/g)].map((match) => match[1]!).filter((key) => !known.has(key)).map((key) => `${path.relative(root, file)}: ${key}`),
    )
    expect(missing).toEqual([])
  })
  it('of a reason the server gives is there', () => {
    const folder = path.resolve(root, '../../src')
    const c = (at: string): string[] =>
      readdirSync(at, { withFileTypes: true }).flatMap((entry) =>
        entry.isDirectory() ? c(path.join(at, entry.name)) : entry.name.endsWith('.c') ? [path.join(at, entry.name)] : [],
      )
    const people = c(folder).filter((file) => /\/(api|park)\//.test(file))
    const said = people.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/err_(?:refuse\(\s*ERR_\w+|field\(\s*ERR_\w+,\s*[^,]+),\s*"([a-z.-]+)"/g)].map((match) => match[1]!))
    expect(said.length).toBeGreaterThan(40)
    expect([...new Set(said)].filter((reason) => !known.has(`reason.${reason}`))).toEqual([])
  })
})
