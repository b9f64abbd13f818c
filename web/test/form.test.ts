import { describe, expect, it } from 'vitest'
import type { FormField } from '@/api/types'
import { query } from '@/api/client'
import { faultOf, filled } from '@/lib/form'
import { fit } from '@/lib/photo'

const title: FormField = { type: 'textfield', key: 'title', validate: { required: true, minLength: 2 } }
const phone: FormField = { type: 'textfield', key: 'phone', validate: { pattern: '^[0-9+ -]*$' } }

describe('a form', () => {
  it('says what is wrong with a field', () => {
    expect(faultOf(title, '  ')).toEqual({ key: 'required' })
    expect(faultOf(title, '水')).toEqual({ key: 'short', n: 2 })
    expect(faultOf(title, '停水')).toBeNull()
    expect(faultOf(phone, 'abc')).toEqual({ key: 'pattern' })
    expect(faultOf(phone, undefined)).toBeNull()
  })
  it('sends what is filled in, and nothing else', () => {
    const files: FormField = { type: 'filepicker', key: 'files' }
    expect(filled([title, phone, files], { title: ' 停水 ', phone: '', files: [1], other: 1 })).toEqual({ title: '停水' })
  })
})

describe('small things', () => {
  it('photos shrink to fit and never grow', () => {
    expect(fit(4000, 3000)).toEqual({ width: 1920, height: 1440 })
    expect(fit(3000, 4000)).toEqual({ width: 1440, height: 1920 })
    expect(fit(640, 480)).toEqual({ width: 640, height: 480 })
    expect(fit(10_000, 1)).toEqual({ width: 1920, height: 1 })
  })
  it('a query leaves out what is not set', () => {
    expect(query({ a: 1, b: '', c: null, d: '镇洋', e: false })).toBe('?a=1&d=%E9%95%87%E6%B4%8B&e=false')
    expect(query({})).toBe('')
  })
})
