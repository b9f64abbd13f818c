import { describe, expect, it } from 'vitest'
import en from '../src/locales/en/time.json'
import zh from '../src/locales/zh-CN/time.json'
import { agoText, dateText, dueText, shortTime, spanTo, timeText } from '@/lib/time'

const say = (words: Record<string, string>) => (key: string, values: Record<string, unknown> = {}) =>
  words[key.replace('time.', '')]!.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]))
const now = Date.parse('2026-11-23T06:00:00Z')

describe('times', () => {
  it('are the park’s, wherever the device is', () => {
    expect(timeText('2026-11-22T16:30:00Z')).toBe('2026-11-23 00:30')
    expect(dateText('2026-11-22T16:30:00Z')).toBe('2026-11-23')
    expect(dateText('2026-11-22')).toBe('2026-11-22')
    expect(timeText(null)).toBe('')
  })
  it('are short when they are near', () => {
    expect(shortTime('2026-11-23T01:05:00Z', now)).toBe('09:05')
    expect(shortTime('2026-11-22T01:05:00Z', now)).toBe('11-22 09:05')
    expect(shortTime('2025-12-31T15:59:00Z', now)).toBe('2025-12-31')
    expect(shortTime('2025-12-31T16:00:00Z', now)).toBe('2025-12-31'.replace('2025-12-31', '01-01 00:00'))
  })
  it('say how much is left, or how late it is', () => {
    expect(dueText('2026-11-25T09:00:00Z', now, say(zh))).toBe('剩 2 天 3 小时')
    expect(dueText('2026-11-23T07:01:00Z', now, say(zh))).toBe('剩 1 小时 1 分钟')
    expect(dueText('2026-11-23T05:15:00Z', now, say(zh))).toBe('超期 45 分钟')
    expect(dueText('2026-11-23T06:00:20Z', now, say(zh))).toBe('剩 不到 1 分钟')
    expect(dueText('2026-11-22T06:00:00Z', now, say(en))).toBe('1 d late')
  })
  it('split into whole units', () => {
    expect(spanTo('2026-11-24T07:02:00Z', now)).toEqual({ late: false, days: 1, hours: 1, minutes: 2 })
    expect(spanTo('2026-11-23T06:00:00Z', now).late).toBe(false)
  })
  it('that just passed are said so', () => {
    expect(agoText('2026-11-23T05:59:30Z', now, say(zh))).toBe('刚刚')
    expect(agoText('2026-11-23T05:48:00Z', now, say(en))).toBe('12 min ago')
  })
})
