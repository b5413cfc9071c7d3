import { describe, expect, test } from 'vitest'
import { toFen } from '../money.ts'
import {
  frozenReason,
  nextLookAfterSuccess,
  nextPayoutTryAt,
  payoutNotBefore,
  planPayout,
  retryAfterRefusal,
  transferRefusal,
} from './payout-plan.ts'

const NOW = new Date('2026-11-23T04:00:00Z')
const HOUR = 3_600_000

describe('what a host is paid', () => {
  test('T1 from a day after check-in, which is 14:00 in Shanghai', () => {
    const order = { status: 'PAID', start_date: '2026-12-31', end_date: '2027-01-02' } as const
    expect(payoutNotBefore(order)).toEqual(new Date('2027-01-01T06:00:00Z'))
  })

  test.each([
    // earned, free, owed to us → sent, kept
    [100, 100, 0, 100, 0],
    [100, 250, 0, 100, 0],
    [100, 100, 30, 70, 30],
    [100, 100, 100, 0, 100],
    [100, 100, 400, 0, 100],
    [100, 40, 0, 40, 0],
    [100, 40, 30, 10, 30],
    [100, 0, 30, 0, 0],
    [100, -50, 30, 0, 0],
    [100, 100, -5, 100, 0],
  ])('T3 T5 of %i with %i free and a debt of %i, %i goes out and %i is kept', (earned, free, debt, amount, netted) => {
    expect(planPayout(toFen(earned), free, debt)).toEqual({ amount, netted })
  })

  test('T3 no plan ever gives more than was earned or is free, whatever the sums', () => {
    for (let seed = 1; seed <= 5_000; seed += 1) {
      const [earned, free, debt] = [seed % 97, (seed * 31) % 191, ((seed * 17) % 131) - 20] as const
      const { amount, netted } = planPayout(toFen(earned), free - 40, debt)
      expect(amount + netted).toBeLessThanOrEqual(Math.max(0, Math.min(earned, free - 40)))
      expect(netted).toBeLessThanOrEqual(Math.max(0, debt))
      expect(amount === 0 || netted === Math.max(0, debt) || netted === 0).toBe(true)
    }
  })

  test.each([
    [{}, undefined],
    [{ isHeld: true, hasOpenRefund: true, isHostVerified: false, hasPayee: false }, 'dispute'],
    [{ hasOpenRefund: true, isHostVerified: false, hasPayee: false }, 'refund'],
    [{ isHostVerified: false, hasPayee: false }, 'unverified'],
    [{ hasPayee: false }, 'payee_change'],
  ] as const)('T1 what keeps it is named once, money first: %j', (change, reason) => {
    const free = { isHeld: false, hasOpenRefund: false, isHostVerified: true, hasPayee: true }
    expect(frozenReason({ ...free, ...change })).toBe(reason)
  })

  test.each([
    ['BALANCE_IS_NOT_ENOUGH', 'funds'],
    ['PAYMENT_MONEY_NOT_ENOUGH', 'funds'],
    ['EXCEED_LIMIT_DM_AMOUNT', 'limit'],
    ['EXCEED_LIMIT_SM_AMOUNT', 'person'],
    ['PAYEE_USERINFO_ERROR', 'payee'],
    ['PAYEE_NOT_EXIST', 'payee'],
    ['REP_INCONSISTENT', 'doubt'],
    ['PRODUCT_NOT_SIGN', 'person'],
    ['SOMETHING_NEW', 'person'],
  ] as const)('E33 T2 %s is a matter of %s', (code, meaning) => {
    expect(transferRefusal(code)).toBe(meaning)
  })

  test('T2 silence is asked about after 10 s, then ever later, at most every quarter of an hour', () => {
    const waits = [0, 1, 2, 3, 9, 50].map((tries) => nextPayoutTryAt(tries, NOW).getTime() - NOW.getTime())
    expect(waits).toEqual([10_000, 10_000, 20_000, 40_000, 900_000, 900_000])
  })

  test('E33 what time may mend is tried again, and a success is looked at twice more', () => {
    expect(retryAfterRefusal('funds', NOW)).toEqual(new Date(NOW.getTime() + 5 * 60_000))
    expect(retryAfterRefusal('limit', NOW)).toEqual(new Date(NOW.getTime() + HOUR))
    const looks = [0, 24 * HOUR, 72 * HOUR].map((ms) => nextLookAfterSuccess(NOW, new Date(NOW.getTime() + ms)))
    expect(looks).toEqual([new Date(NOW.getTime() + 24 * HOUR), new Date(NOW.getTime() + 72 * HOUR), undefined])
  })
})
