import { expect, test } from 'vitest'
import { systemRandom } from './random.ts'

test('gives as many bytes as asked for, never the same ones again', () => {
  const given = Array.from({ length: 2_000 }, () => systemRandom.bytes(12).toString('hex'))
  expect(new Set(given).size).toBe(2_000)
  expect(given.every((text) => text.length === 24)).toBe(true)
  expect([0, 1, 511, 512, 513, 4_096, 10_000].map((count) => systemRandom.bytes(count).length)).toEqual([
    0, 1, 511, 512, 513, 4_096, 10_000,
  ])
})

test('what was given is not changed by what is given later', () => {
  const first = systemRandom.bytes(16)
  const before = first.toString('hex')
  for (let turn = 0; turn < 1_000; turn += 1) systemRandom.bytes(64)
  expect(first.toString('hex')).toBe(before)
})

test('every value of a byte comes up about as often as the others', () => {
  const counts = new Array<number>(256).fill(0)
  for (let turn = 0; turn < 20_000; turn += 1)
    for (const byte of systemRandom.bytes(16)) counts[byte] = (counts[byte] ?? 0) + 1
  // 320,000 bytes: 1,250 of each on average, with a deviation of 35.
  expect(Math.min(...counts)).toBeGreaterThan(1_000)
  expect(Math.max(...counts)).toBeLessThan(1_500)
})
