import { describe, expect, it } from 'vitest'
import { csvInstant, csvText, csvYuan } from './csv-text.ts'
import { wholeList } from './whole-list.ts'

describe('a list as a file', () => {
  it('quotes what holds a separator, and lets no text become a formula', () => {
    expect(
      csvText([
        ['编号', '标题'],
        ['7', '=1+1'],
        ['-8.50', '海边, "二楼"'],
      ]),
    ).toBe('\uFEFF编号,标题\r\n7,\'=1+1\r\n-8.50,"海边, ""二楼"""\r\n')
  })

  it('writes fen as yuan without signs of thousands', () => {
    expect([0, 5, -5, 123_456_789].map(csvYuan)).toEqual(['0.00', '0.05', '-0.05', '1234567.89'])
  })

  it('writes an instant as the clocks of Shanghai show it', () => {
    expect(csvInstant('2026-11-23T16:05:09.123Z')).toBe('2026-11-24 00:05:09')
    expect(csvInstant(null)).toBe('')
  })

  it('takes every page, and a row that slid to the next page once', async () => {
    const asked: string[] = []
    const pages = [[1, 2, 3], [3, 4, 5], [6]]
    const rows = await wholeList(
      async ({ p, size }) => {
        asked.push(`${p}/${size}`)
        return { rows: pages[Number(p) - 1] ?? [], total: 7, current_page: Number(p), total_page: 3 }
      },
      (row) => row,
    )
    expect(rows).toEqual([1, 2, 3, 4, 5, 6])
    expect(asked).toEqual(['1/500', '2/500', '3/500'])
  })

  it('asks once for a list of nothing', async () => {
    const none = { rows: [], total: 0, current_page: 1, total_page: 0 }
    expect(await wholeList(async () => none, String)).toEqual([])
  })
})
