import { expect, test } from 'vitest'
import { systemRandom } from '../../platform/random.ts'
import { newOutRequestNo, newOutTradeNo, numberPrefix } from './out-trade-no.ts'

const NOW = new Date('2026-11-23T16:00:00Z')

test('ALI-4 P2 a number has its environment, the day in Shanghai and 71 random bits, and fits WeChat Pay', () => {
  const numbers = Array.from({ length: 10_000 }, () => newOutTradeNo('https://ihome.example', systemRandom, NOW))
  expect(new Set(numbers).size).toBe(numbers.length)
  for (const number of numbers) {
    expect(number).toMatch(/^ih[0-9A-Za-z]{4}_20261124_[0-9A-Za-z]{12}$/)
    expect(number.length).toBeLessThanOrEqual(32)
    expect(number.startsWith(numberPrefix('https://ihome.example'))).toBe(true)
  }
  expect(numberPrefix('https://staging.ihome.example')).not.toBe(numberPrefix('https://ihome.example'))
  expect(newOutRequestNo('https://ihome.example', systemRandom, NOW)).toMatch(/^ih[0-9A-Za-z]{4}_r20261124_/)
})
