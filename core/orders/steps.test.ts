import { describe, expect, test } from 'vitest'
import { ORDER_STATUSES } from './lifecycle.ts'
import { checkInAt, checkOutAt, isInStay, mayStep, type OrderInTime } from './steps.ts'

const order = (status: OrderInTime['status']): OrderInTime => ({
  status,
  start_date: '2026-12-01',
  end_date: '2026-12-03',
})
const at = (instant: string) => new Date(instant)
const during = at('2026-12-01T10:00:00Z')
const lastDay = at('2026-12-02T16:00:00Z')
const STEPS = ['accept', 'reject', 'pay', 'cancel', 'check_out', 'comment'] as const
const offered = (status: OrderInTime['status'], viewer: 'guest' | 'host', now: Date) =>
  STEPS.filter((step) => mayStep(order(status), step, viewer, now))

describe('what can be pressed', () => {
  test.each<[OrderInTime['status'], readonly string[], readonly string[]]>([
    ['WAIT_ACCEPT', ['cancel'], ['accept', 'reject']],
    ['WAIT_PAYMENT', ['pay', 'cancel'], ['cancel']],
    ['CLOSING', [], []],
    ['PAID', [], []],
    ['WAIT_COMMENT', ['comment'], []],
    ['COMPLETE', [], []],
    ['CANCELED', [], []],
    ['REJECTED', [], []],
  ])('in %s by the guest: %j, by the host: %j', (status, guest, host) => {
    expect(offered(status, 'guest', during)).toEqual(guest)
    expect(offered(status, 'host', during)).toEqual(host)
  })

  test('F12 退房 from 00:00 of the last day in Shanghai, by both', () => {
    const before = new Date(lastDay.getTime() - 1)
    for (const viewer of ['guest', 'host'] as const) {
      expect(mayStep(order('PAID'), 'check_out', viewer, before)).toBe(false)
      expect(mayStep(order('PAID'), 'check_out', viewer, lastDay)).toBe(true)
    }
  })

  test('a paid order is cancelled by both until check-in, and not at that very instant', () => {
    const checkIn = checkInAt(order('PAID')).getTime()
    for (const viewer of ['guest', 'host'] as const) {
      const may = (before: number) => mayStep(order('PAID'), 'cancel', viewer, new Date(checkIn - before))
      expect([30 * 24 * 3_600_000, 1, 0, -1].map(may)).toEqual([true, true, false, false])
    }
  })
})

test('F12 入住中 is shown from the first day to the eve of the last, while paid', () => {
  const inStay = (instant: string) => isInStay(order('PAID'), at(instant))
  expect(inStay('2026-11-30T15:59:59.999Z')).toBe(false)
  expect(inStay('2026-11-30T16:00:00Z')).toBe(true)
  expect(inStay('2026-12-02T15:59:59.999Z')).toBe(true)
  expect(inStay('2026-12-02T16:00:00Z')).toBe(false)
  for (const status of ORDER_STATUSES) if (status !== 'PAID') expect(isInStay(order(status), during)).toBe(false)
})

test('check-in is at 14:00 and check-out at 12:00 in Shanghai', () => {
  expect(checkInAt(order('PAID'))).toEqual(at('2026-12-01T06:00:00Z'))
  expect(checkOutAt(order('PAID'))).toEqual(at('2026-12-03T04:00:00Z'))
})
