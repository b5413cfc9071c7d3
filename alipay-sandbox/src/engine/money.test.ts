import { describe, expect, test } from 'vitest'
import { formatYuan, parseYuan } from './money.ts'

describe('yuan on the wire, fen inside', () => {
  test.each([
    ['1', 100],
    ['1.0', 100],
    ['1.00', 100],
    [1, 100],
    [88.8, 8880],
    ['0.01', 1],
    ['100000000', 10_000_000_000],
  ])('SBX-49 %j is %d fen', (value, fen) => expect(parseYuan(value)).toBe(fen))

  test.each(['1e2', ' 1.00', '1.000', '１.00', '-1', '+1', '', '.5', '1.', Number.NaN, 1e21, null, undefined, ['1']])(
    'SBX-49 %j is not an amount',
    (value) => expect(parseYuan(value)).toBeUndefined(),
  )

  test('amounts are written with exactly two decimals', () => {
    expect([0, 1, 10, 411200, -2467].map(formatYuan)).toEqual(['0.00', '0.01', '0.10', '4112.00', '-24.67'])
    expect(() => formatYuan(0.5)).toThrow(RangeError)
  })
})
