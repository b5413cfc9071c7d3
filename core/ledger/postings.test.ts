import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toFen } from '../money.ts'
import { hostShare } from '../orders/cancel-rule.ts'
import {
  accrue,
  cancelPaid,
  clawback,
  clawbackVoid,
  debtWrittenOff,
  type Entry,
  externalRefund,
  gatewayFee,
  heldOf,
  payApplied,
  paySurplus,
  paySuspense,
  refundSucceeded,
  refundVoid,
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
        const sources = { guestEscrow: toFen(guestEscrow), earned: share, hostPayable: toFen(refundPayable) }
        for (const entries of [
          payApplied('1', amount),
          paySurplus('1', amount),
          paySuspense('no', amount),
          suspenseToRefund('no', '1', amount),
          refundSucceeded('1', amount),
          gatewayFee(amount),
          accrue('1', '2', share),
          cancelPaid('1', '2', amount, share),
          externalRefund('1', '2', amount, { ...sources, refundPayable: toFen(refundPayable) }),
          clawback('1', '2', amount, sources),
          refundVoid('1', amount),
          debtWrittenOff('2', amount),
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

  const NOTHING = { gross: toFen(0), platformFee: toFen(0), gatewayFee: toFen(0), net: toFen(0) }

  test('a refund made by others takes what is owed, then what is held, then is a loss', () => {
    const sources = { refundPayable: toFen(30), guestEscrow: toFen(50), earned: NOTHING, hostPayable: toFen(9) }
    expect(externalRefund('7', '2', toFen(100), sources)).toEqual([
      { account: 'REFUND_PAYABLE', ownerId: '7', amountFen: 30 },
      { account: 'GUEST_ESCROW', ownerId: '7', amountFen: 50 },
      { account: 'LOSS', amountFen: 20 },
      { account: 'CLEARING', amountFen: -100 },
    ])
  })

  test('T5 a whole clawback takes exactly what was credited, from what the host has coming and then as a debt', () => {
    const earned = hostShare(toFen(411_200), { gateway: 6_000, platform: 50_000 })
    const sources = { guestEscrow: toFen(0), earned, hostPayable: toFen(100_000) }
    expect(clawback('7', '2', toFen(411_200), sources)).toEqual([
      { account: 'HOST_PAYABLE', ownerId: '2', amountFen: 100_000 },
      { account: 'HOST_RECEIVABLE', ownerId: '2', amountFen: 388_173 - 100_000 },
      { account: 'PLATFORM_FEE', amountFen: 20_560 },
      { account: 'GATEWAY_FEE', amountFen: 2_467 },
      { account: 'REFUND_PAYABLE', ownerId: '7', amountFen: -411_200 },
    ])
  })

  test('a void clawback leaves everybody with what they had, whatever was held, earned and paid out', () => {
    const amounts = fc.nat(1_000_000)
    fc.assert(
      fc.property(fen, amounts, amounts, amounts, amounts, (amount, held, kept, hostPayable, hostDebt) => {
        const sources = {
          guestEscrow: toFen(held),
          earned: hostShare(toFen(kept), { gateway: 6_000, platform: 50_000 }),
          hostPayable: toFen(hostPayable),
        }
        const taken = clawback('1', '2', amount, sources)
        const heldShare = hostShare(heldOf(taken), { gateway: 6_000, platform: 50_000 })
        const back = clawbackVoid('1', '2', taken, { heldShare, hostDebt: toFen(hostDebt) })
        expect(sum(back)).toBe(0)
        const both = [...taken, ...back]
        const left = (...accounts: string[]) => sum(both.filter(({ account }) => accounts.includes(account)))
        expect(left('REFUND_PAYABLE', 'LOSS')).toBe(0)
        expect(left('HOST_PAYABLE', 'HOST_RECEIVABLE')).toBe(0 - heldShare.net)
        expect(left('PLATFORM_FEE')).toBe(0 - heldShare.platformFee)
        expect(left('GATEWAY_FEE')).toBe(0 - heldShare.gatewayFee)
        expect(sum(back.filter(({ account }) => account === 'HOST_RECEIVABLE')) + hostDebt).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  test('T5 clawbacks in parts take together what one whole would take', () => {
    const rate = fc.integer({ min: 0, max: 400_000 })
    fc.assert(
      fc.property(fen, rate, rate, fc.array(fen, { maxLength: 6 }), (gross, gateway, platform, cuts) => {
        let left = hostShare(gross, { gateway, platform })
        const taken = { HOST_PAYABLE: 0, PLATFORM_FEE: 0, GATEWAY_FEE: 0 }
        for (const cut of [...cuts.map((one) => toFen(one % gross)), gross]) {
          const part = toFen(Math.min(cut, left.gross))
          if (part === 0) continue
          const gone = { HOST_PAYABLE: 0, PLATFORM_FEE: 0, GATEWAY_FEE: 0 }
          for (const { account, amountFen } of clawback('7', '2', part, {
            guestEscrow: toFen(0),
            earned: left,
            hostPayable: gross,
          })) {
            if (account in gone) gone[account as keyof typeof gone] += amountFen
          }
          left = {
            gross: toFen(left.gross - part),
            platformFee: toFen(left.platformFee - gone.PLATFORM_FEE),
            gatewayFee: toFen(left.gatewayFee - gone.GATEWAY_FEE),
            net: toFen(left.net - gone.HOST_PAYABLE),
          }
          for (const account of ['HOST_PAYABLE', 'PLATFORM_FEE', 'GATEWAY_FEE'] as const)
            taken[account] += gone[account]
        }
        expect(left).toEqual(NOTHING)
        const whole = hostShare(gross, { gateway, platform })
        expect(taken).toEqual({
          HOST_PAYABLE: whole.net,
          PLATFORM_FEE: whole.platformFee,
          GATEWAY_FEE: whole.gatewayFee,
        })
      }),
    )
  })
})
