import { expect, it } from 'vitest'
import { spanText } from './span-text.ts'

it.each([
  [-1, '0 秒'],
  [999, '0 秒'],
  [59_999, '59 秒'],
  [60_000, '1 分'],
  [872_000, '14 分 32 秒'],
  [3_600_000, '1 小时'],
  [3_605_000, '1 小时'],
  [15 * 86_400_000 - 1, '14 天 23 小时'],
])('writes %i ms as %s, never more than there is', (milliseconds, text) => {
  expect(spanText(milliseconds)).toBe(text)
})
