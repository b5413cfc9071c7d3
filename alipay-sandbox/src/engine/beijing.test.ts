import { describe, expect, test } from 'vitest'
import { beijingDay, formatBeijing, nextBeijingMidnight, parseBeijing } from './beijing.ts'

describe('Beijing time', () => {
  test('is eight hours ahead, whatever the zone of the process', () => {
    const instant = new Date('2026-12-31T16:00:05.999Z')
    expect(formatBeijing(instant)).toBe('2027-01-01 00:00:05')
    expect(beijingDay(instant)).toBe('20270101')
    expect(parseBeijing('2027-01-01 00:00:05')?.toISOString()).toBe('2026-12-31T16:00:05.000Z')
  })

  test.each(['2026-02-30 10:00:00', '2026-1-1 10:00:00', '2026-11-23T10:00:00', '2026-11-23 24:00:00', ''])(
    'refuses %j',
    (text) => expect(parseBeijing(text)).toBeUndefined(),
  )

  test('midnight is the next one, also from midnight itself', () => {
    const midnight = new Date('2026-11-22T16:00:00Z')
    expect(nextBeijingMidnight(new Date(midnight.getTime() - 1))).toEqual(midnight)
    expect(nextBeijingMidnight(midnight).getTime()).toBe(midnight.getTime() + 86_400_000)
  })
})
