import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toFen } from '../money.ts'
import {
  CANCEL_POLICIES,
  hostShare,
  refundForGuest,
  refundIfCancelled,
  refundSteps,
  ruleOf,
  STANDARD_RULE,
} from './cancel-rule.ts'
import { acceptBy, payBy } from './deadlines.ts'

const order = { status: 'PAID', start_date: '2026-12-10', end_date: '2026-12-12' } as const
const checkIn = new Date('2026-12-10T06:00:00Z').getTime()
const HOUR = 3_600_000
const amount = fc.integer({ min: 1, max: 3_650_000_000 }).map(toFen)

describe('what a cancelling guest gets back', () => {
  test.each([
    [72 * HOUR + 1, 10_001],
    [72 * HOUR, 10_001],
    [72 * HOUR - 1, 5_001],
    [24 * HOUR, 5_001],
    [24 * HOUR - 1, 0],
    [0, 0],
    [-1, 0],
  ])('%i ms before check-in is %i of 10001 fen, half-up', (before, refund) => {
    expect(refundForGuest(STANDARD_RULE, toFen(10_001), order, new Date(checkIn - before))).toBe(refund)
  })

  test('is what the steps announce, until the very instant of each', () => {
    fc.assert(
      fc.property(amount, (fen) => {
        for (const { until, refund } of refundSteps(STANDARD_RULE, fen, order)) {
          expect(refundForGuest(STANDARD_RULE, fen, order, until)).toBe(refund)
          expect(refundForGuest(STANDARD_RULE, fen, order, new Date(until.getTime() + 1))).toBeLessThan(refund + 1)
        }
      }),
    )
  })

  test('never rises while time passes, and is never more than was paid', () => {
    const hours = fc.integer({ min: -100 * HOUR, max: 100 * HOUR })
    fc.assert(
      fc.property(amount, hours, hours, (fen, one, other) => {
        const [early, late] = one < other ? [one, other] : [other, one]
        const first = refundForGuest(STANDARD_RULE, fen, order, new Date(checkIn + early))
        expect(first).toBeLessThanOrEqual(fen)
        expect(refundForGuest(STANDARD_RULE, fen, order, new Date(checkIn + late))).toBeLessThanOrEqual(first)
      }),
    )
  })
})

describe('the policies a host chooses from', () => {
  test.each([
    ['flexible', 24 * HOUR, 10_001],
    ['flexible', 24 * HOUR - 1, 0],
    ['standard', 72 * HOUR, 10_001],
    ['standard', 72 * HOUR - 1, 5_001],
    ['standard', 24 * HOUR - 1, 0],
    ['strict', 168 * HOUR, 10_001],
    ['strict', 168 * HOUR - 1, 5_001],
    ['strict', 72 * HOUR, 5_001],
    ['strict', 72 * HOUR - 1, 0],
  ] as const)('R8 %s: %i ms before check-in is %i of 10001 fen', (policy, before, refund) => {
    expect(refundForGuest(ruleOf(policy), toFen(10_001), order, new Date(checkIn - before))).toBe(refund)
  })

  test('are three, each under its own name, and an unknown name is the standard one', () => {
    expect(CANCEL_POLICIES.map((policy) => ruleOf(policy).name)).toEqual(['flexible', 'standard', 'strict'])
    expect(ruleOf('kind')).toBe(STANDARD_RULE)
    expect(ruleOf('toString')).toBe(STANDARD_RULE)
  })
})

describe('what a cancellation of a paid order gives back', () => {
  const paid = { order, rule: STANDARD_RULE, amount: toFen(10_001), returned: toFen(0) }
  const before = (ms: number) => new Date(checkIn - ms)

  test('R9 is all of it when the host cancels, and by the rule when the guest does', () => {
    for (const [ms, guest] of [
      [72 * HOUR, 10_001],
      [24 * HOUR, 5_001],
      [1, 0],
    ] as const) {
      expect(refundIfCancelled(paid, 'host', before(ms))).toBe(10_001)
      expect(refundIfCancelled(paid, 'guest', before(ms))).toBe(guest)
    }
  })

  test('is nothing from check-in on, and nothing for an order that is not paid', () => {
    for (const by of ['guest', 'host'] as const) {
      expect(refundIfCancelled(paid, by, before(0))).toBe(0)
      const unpaid = { ...order, status: 'WAIT_PAYMENT' } as const
      expect(refundIfCancelled({ ...paid, order: unpaid }, by, before(72 * HOUR))).toBe(0)
    }
  })

  test('R1 is less by what went back before, and never less than nothing', () => {
    const after = (returned: number, by: 'guest' | 'host') =>
      refundIfCancelled({ ...paid, returned: toFen(returned) }, by, before(24 * HOUR))
    expect([after(2_000, 'host'), after(2_000, 'guest'), after(6_000, 'guest')]).toEqual([8_001, 3_001, 0])
  })
})

test('F13 what the host keeps is divided without a rest', () => {
  expect(hostShare(toFen(411_200), { gateway: 6_000, platform: 0 })).toEqual({
    gross: 411_200,
    platformFee: 0,
    gatewayFee: 2_467,
    net: 408_733,
  })
  const rate = fc.integer({ min: 0, max: 400_000 })
  fc.assert(
    fc.property(amount, rate, rate, (kept, gateway, platform) => {
      const share = hostShare(kept, { gateway, platform })
      expect(share.net + share.platformFee + share.gatewayFee).toBe(kept)
    }),
  )
})

describe('a window', () => {
  const windows = { acceptHours: 24, payMinutes: 120 }
  const now = new Date('2026-11-23T04:00:00Z')

  test('is 24 hours to answer and two hours to pay', () => {
    expect(acceptBy(now, '2026-12-01', windows)).toEqual(new Date('2026-11-24T04:00:00Z'))
    expect(payBy(now, '2026-12-01', windows)).toEqual(new Date('2026-11-23T06:00:00Z'))
  })

  test('E37 ends with the first day of the stay in Shanghai at the latest', () => {
    const late = new Date('2026-11-23T15:30:00Z')
    const midnight = new Date('2026-11-23T16:00:00Z')
    expect(acceptBy(late, '2026-11-23', windows)).toEqual(midnight)
    expect(payBy(late, '2026-11-23', windows)).toEqual(midnight)
  })
})
