import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addFen,
  fenFromTypedYuan,
  fenFromYuanText,
  lessFen,
  shareOf,
  splitFen,
  timesFen,
  toFen,
  yuanText,
} from './money.ts'

const amount = fc.integer({ min: 0, max: 9_999_999_999 }).map(toFen)

describe('an amount', () => {
  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER + 1])(
    'of %d is a defect',
    (count) => {
      expect(() => toFen(count)).toThrow(RangeError)
    },
  )

  test('is never less than nothing and never inexact', () => {
    expect(() => lessFen(toFen(1), toFen(2))).toThrow(RangeError)
    expect(() => timesFen(toFen(Number.MAX_SAFE_INTEGER), 2)).toThrow(RangeError)
    expect(addFen()).toBe(0)
    fc.assert(
      fc.property(amount, amount, (one, other) => {
        expect(lessFen(addFen(one, other), other)).toBe(one)
      }),
    )
  })
})

describe('yuan', () => {
  test.each([
    [10, '0.10'],
    [254_400, '2544.00'],
    [1, '0.01'],
    [0, '0.00'],
    [9_999_999_999, '99999999.99'],
  ])('%i fen are %s', (fen, text) => {
    expect(yuanText(toFen(fen))).toBe(text)
    expect(fenFromYuanText(text)).toBe(fen)
  })

  test('G08 come back as the same fen', () => {
    fc.assert(
      fc.property(amount, (fen) => {
        expect(fenFromYuanText(yuanText(fen))).toBe(fen)
      }),
    )
  })

  test.each([
    '',
    '1',
    '1.0',
    '1.000',
    '01.00',
    '-1.00',
    '+1.00',
    ' 1.00',
    '1.00 ',
    '1e2',
    '1,000.00',
    'NaN',
    '１.00',
    '.10',
    '1.',
    '1.00\n',
    '10000000000.00',
  ])('%j is not what the gateway writes', (text) => {
    expect(fenFromYuanText(text)).toBeUndefined()
  })

  test.each([
    ['19.99', 1_999],
    ['0.29', 29],
    ['1.15', 115],
    ['20', 2_000],
    ['19.9', 1_990],
    [' 5.05 ', 505],
  ])('typed as %j are %i fen', (text, fen) => {
    expect(fenFromTypedYuan(text)).toBe(fen)
  })

  test.each(['', '.', '1.234', '-1', '1e3', 'abc', '1 000', '12345678', '一百'])(
    'typed as %j are not an amount',
    (text) => {
      expect(fenFromTypedYuan(text)).toBeUndefined()
    },
  )
})

describe('a share', () => {
  test('F13 of 0.6 % is rounded half-up to the fen', () => {
    expect(shareOf(toFen(411_200), 6_000)).toBe(2_467)
    expect(lessFen(toFen(411_200), shareOf(toFen(411_200), 6_000))).toBe(408_733)
    expect(shareOf(toFen(83), 6_000)).toBe(0)
    expect(shareOf(toFen(84), 6_000)).toBe(1)
    expect(shareOf(toFen(25), 20_000)).toBe(1)
    expect(shareOf(toFen(24), 20_000)).toBe(0)
  })

  test('is never more than the whole and grows with the amount', () => {
    const rate = fc.integer({ min: 0, max: 1_000_000 })
    fc.assert(
      fc.property(amount, amount, rate, (one, other, ppm) => {
        expect(shareOf(one, ppm)).toBeLessThanOrEqual(one)
        const [less, more] = one < other ? [one, other] : [other, one]
        expect(shareOf(less, ppm)).toBeLessThanOrEqual(shareOf(more, ppm))
      }),
    )
    expect(shareOf(toFen(Number.MAX_SAFE_INTEGER), 1_000_000)).toBe(Number.MAX_SAFE_INTEGER)
  })

  test.each([-1, 1_000_001, 0.5, Number.NaN])('of %d parts per million is a defect', (rate) => {
    expect(() => shareOf(toFen(1), rate)).toThrow(RangeError)
  })

  test('G08 split by weights adds up, and each part is within a fen of its due', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(
        amount,
        weights.filter((all) => all.some((weight) => weight > 0)),
        (total, all) => {
          const parts = splitFen(total, all)
          const whole = all.reduce((sum, weight) => sum + weight, 0)
          expect(parts.reduce((sum, part) => sum + part, 0)).toBe(total)
          for (const [index, part] of parts.entries()) {
            expect(Math.abs(part - (total * (all[index] ?? 0)) / whole)).toBeLessThanOrEqual(1.000_001)
          }
        },
      ),
    )
  })
})
