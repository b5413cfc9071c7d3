import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addDays } from '../calendar.ts'
import { type Fen, toFen } from '../money.ts'
import { isWeekendNight, nightPrice, priceLines, priceStay } from './price-stay.ts'

const stay = (start_date: string, nights: number) => ({ start_date, end_date: addDays(start_date, nights) })

describe('the price of a stay', () => {
  test.each([
    [1_999, 1, 1_999],
    [29, 3, 87],
    [115, 7, 805],
    [9_999_999, 365, 3_649_999_635],
  ])('R6.2 %i fen for %i nights is %i fen', (night, nights, total) => {
    expect(priceStay(toFen(night), stay('2026-11-23', nights))).toMatchObject({ nights, totalFen: total })
  })

  test('the nights that begin on Friday and Saturday are the weekend; Sunday’s is not', () => {
    const week = Array.from({ length: 7 }, (_, index) => addDays('2026-11-23', index)) // Monday to Sunday
    expect(week.map(isWeekendNight)).toEqual([false, false, false, false, true, true, false])
  })

  test('a price of the night goes before the weekend’s, and that before the house’s', () => {
    const prices = {
      nightFen: toFen(100),
      weekendFen: toFen(150),
      byNight: new Map([
        ['2026-11-27', toFen(400)],
        ['2026-11-25', toFen(90)],
      ]),
    }
    const { nightFens, totalFen, nightFen } = priceStay(prices, stay('2026-11-23', 7))
    expect(nightFens).toEqual([100, 100, 90, 100, 400, 150, 100])
    expect([totalFen, nightFen]).toEqual([1_040, 100])
    expect(nightPrice(prices, '2026-12-04')).toBe(150)
  })

  test('without a weekend price the weekend costs what every night costs', () => {
    expect(priceStay({ nightFen: toFen(100) }, stay('2026-11-27', 2)).totalFen).toBe(200)
  })

  test('a stay of no night costs nothing', () => {
    expect(priceStay(toFen(100), stay('2026-11-27', 0))).toEqual({
      nights: 0,
      nightFen: 100,
      totalFen: 0,
      nightFens: [],
    })
  })

  test('lines gather equal prices and lose neither a night nor a fen', () => {
    expect(priceLines([100, 100, 150, 150, 100].map(toFen))).toEqual([
      { nightFen: 100, nights: 3 },
      { nightFen: 150, nights: 2 },
    ])
    fc.assert(
      fc.property(
        fc.array(
          fc.integer({ min: 1, max: 9_999_999 }).map((fen): Fen => toFen(fen)),
          { maxLength: 60 },
        ),
        (fens) => {
          const lines = priceLines(fens)
          expect(lines.reduce((sum, line) => sum + line.nights, 0)).toBe(fens.length)
          expect(lines.reduce((sum, line) => sum + line.nights * line.nightFen, 0)).toBe(
            fens.reduce((a, b) => a + b, 0),
          )
        },
      ),
    )
  })
})
