import { expect, test } from 'vitest'
import { type DeskColumn, fileText, isFigure, isInFile, shownText } from './desk-column.ts'

interface Row {
  readonly fen: number
  readonly at: string | null
}
const ROW: Row = { fen: 123_450, at: '2026-11-23T04:00:00Z' }
const money: DeskColumn<Row> = { words: '金额', fen: ({ fen }) => fen }
const instant: DeskColumn<Row> = { words: '时间', at: ({ at }) => at }

test('people read money and instants as they are used to, spreadsheets as they can reckon with them', () => {
  expect([shownText(money, ROW), fileText(money, ROW)]).toEqual(['￥1,234.50', '1234.50'])
  expect(fileText(instant, ROW)).toBe('2026-11-23 12:00:00')
  expect(shownText(instant, ROW)).toContain('12:00')
  expect([shownText, fileText].map((text) => text(instant, { ...ROW, at: null }))).toEqual(['', ''])
  expect([isFigure(money), isFigure(instant)]).toEqual([true, false])
})

test('what people read may differ from the file; a column of buttons is not in the file', () => {
  const shown: DeskColumn<Row> = { ...money, shown: () => '免费' }
  expect([shownText(shown, ROW), fileText(shown, ROW)]).toEqual(['免费', '1234.50'])
  expect([money, instant, shown, { words: '操作', own: 'act' }].map(isInFile)).toEqual([true, true, true, false])
})
