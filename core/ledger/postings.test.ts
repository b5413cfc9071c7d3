import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toFen } from '../money.ts'
import { hostShare } from '../orders/cancel-rule.ts'
import {
  accrue,
  cancelPaid,
  type Entry,
  externalRefund,
  gatewayFee,
  payApplied,
  paySurplus,
  paySuspense,
  refundSucceeded,
  suspenseToRefund,
} from './postings.ts'

const RATES = { gateway: 6_000, platform: 0 }
const sum = (entries: readonly Entry[]) => entries.reduce((total, { amountFen }) => total + amountFen, 0)
const fen = fc.integer({ min: 1, max: 9_999_999_999 }).map(toFen)

describe('a posting', () => {
  test('L1 G08 sums to zero, has no empty entry and at least two, whatever the amounts', () => {
    fc.assert(
      fc.property(fen, fen, fc.nat(1_000_000), fc.nat(1_000_000), (amount, kept, refundPayable, guestEscrow) => {
        const share = hostShare(kept, RATES)
        const owed = { refundPayable: toFen(refundPayable), guestEscrow: toFen(guestEscrow) }
        for (const entries of [
          payApplied('1', amount),
          paySurplus('1', amount),
          paySuspense('no', amount),
          suspenseToRefund('no', '1', amount),
          refundSucceeded('1', amount),
          gatewayFee(amount),
          accrue('1', '2', share),
          cancelPaid('1', '2', amount, share),
          externalRefund('1', amount, owed),
        ]) {
          expect(sum(entries)).toBe(0)
          expect(entries.length).toBeGreaterThanOrEqual(2)
          expect(entries.every(({ amountFen }) => amountFen !== 0)).toBe(true)
        }
      }),
    )
  })

  test('F13 the host gets 4087.33 of 4112.00', () => {
    expect(accrue('7', '2', hostShare(toFen(411_200), RATES))).toEqual([
      { account: 'GUEST_ESCROW', ownerId: '7', amountFen: 411_200 },
      { account: 'HOST_PAYABLE', ownerId: '2', amountFen: -408_733 },
      { account: 'GATEWAY_FEE', amountFen: -2_467 },
    ])
  })

  test('a refund made by others takes what is owed, then what is held, then is a loss', () => {
    const owed = { refundPayable: toFen(30), guestEscrow: toFen(50) }
    expect(externalRefund('7', toFen(100), owed)).toEqual([
      { account: 'REFUND_PAYABLE', ownerId: '7', amountFen: 30 },
      { account: 'GUEST_ESCROW', ownerId: '7', amountFen: 50 },
      { account: 'LOSS', amountFen: 20 },
      { account: 'CLEARING', amountFen: -100 },
    ])
  })
})
