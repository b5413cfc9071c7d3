import { expect, it } from 'vitest'
import { instantOf, signed } from './ledger-words.ts'

it('takes what a field of day and time holds for an instant in Shanghai, with seconds or without', () => {
  expect(instantOf('2026-11-23T20:00')).toBe('2026-11-23T20:00:00+08:00')
  expect(instantOf('2026-11-23T20:00:05')).toBe('2026-11-23T20:00:05+08:00')
  expect(instantOf('yesterday')).toBeUndefined()
  expect(instantOf(undefined)).toBeUndefined()
})

it('shows amounts below nothing with their sign in front', () => {
  expect([signed(-1_050), signed(0), signed(1_050)]).toEqual(['−￥10.50', '￥0', '￥10.50'])
})
