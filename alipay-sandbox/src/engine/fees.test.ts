import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { feeBackOn, feeOn } from './fees.ts'

const standard = { rate: 0.006, rounding: 'half-up', minFen: 0 } as const

describe('fees', () => {
  test.each([
    [411200, 2467],
    [1, 0],
    [83, 0],
    [84, 1],
    [250, 2],
    [10_000_000_000, 60_000_000],
  ])('SBX-29 the fee on %d fen is %d', (amount, fee) => expect(feeOn(amount, standard)).toBe(fee))

  test('SBX-29 every rounding, at the exact half and off it', () => {
    const at = (amount: number) =>
      (['half-up', 'half-even', 'floor', 'ceil'] as const).map((rounding) => feeOn(amount, { ...standard, rounding }))
    expect(at(250)).toEqual([2, 2, 1, 2])
    expect(at(750)).toEqual([5, 4, 4, 5])
    expect(at(84)).toEqual([1, 1, 0, 1])
  })

  test('SBX-29 a least fee holds, but never takes more than was paid', () => {
    expect(feeOn(1000, { ...standard, minFen: 10 })).toBe(10)
    expect(feeOn(4, { ...standard, minFen: 10 })).toBe(4)
  })

  test('SBX-30 the returned parts of a full refund add up to the fee exactly, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 99_999 }), { minLength: 1, maxLength: 9 }), (parts) => {
        const amountFen = parts.reduce((sum, part) => sum + part, 0)
        const feeFen = feeOn(amountFen, standard)
        let refundedFen = 0
        let backFen = 0
        for (const part of parts) {
          backFen += feeBackOn(part, { amountFen, feeFen, refundedFen })
          refundedFen += part
          expect(backFen).toBeLessThanOrEqual(feeFen)
        }
        expect(backFen).toBe(feeFen)
      }),
    )
  })
})
