import { expect, it } from 'vitest'
import { yuan } from './money.ts'

it.each([
  [0, '￥0'],
  [38_800, '￥388'],
  [1_999, '￥19.99'],
  [1_990, '￥19.90'],
  [125_600, '￥1,256'],
  [999_999_905, '￥9,999,999.05'],
])('writes %i fen as %s', (fen, text) => {
  expect(yuan(fen)).toBe(text)
})
