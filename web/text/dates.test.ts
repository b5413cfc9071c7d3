import { describe, expect, it } from 'vitest'
import { clockText, dayWithWeekday, momentText } from './dates.ts'
import { sayPrivately } from './private-say.ts'
import { restText } from './rest-say.ts'
import { sayInChinese as say } from './say.ts'

const NOW = new Date('2026-11-23T12:28:00Z') // 20:28 in Shanghai

describe('an instant', () => {
  it.each([
    ['2026-11-23T13:40:00Z', '今天 21:40'],
    ['2026-11-23T16:00:00Z', '明天 00:00'],
    ['2026-11-25T12:10:00Z', '11月25日 20:10'],
  ])('%s is said as %s', (instant, text) => {
    expect(momentText(say, new Date(instant), NOW)).toBe(text)
  })

  it('is shown by the clock of Shanghai', () => {
    expect(clockText(new Date('2026-11-23T16:05:00Z'))).toBe('00:05')
  })
})

it.each([
  ['2026-11-23T13:40:00Z', '1 小时 12 分'],
  ['2026-11-23T12:58:00Z', '30 分'],
  ['2026-11-23T12:28:30Z', '不到 1 分'],
  ['2026-11-25T15:28:00Z', '2 天 3 小时'],
  ['2026-11-25T12:28:00Z', '2 天'],
])('until %s there are %s', (instant, text) => {
  expect(restText(sayPrivately, new Date(instant), NOW)).toBe(text)
})

it('leaves nothing at the instant itself', () => {
  expect(restText(sayPrivately, NOW, NOW)).toBeUndefined()
})

it('names the weekday of a date whatever the zone of the device', () => {
  expect(dayWithWeekday(say, '2026-11-27')).toBe('11月27日 周五')
})
