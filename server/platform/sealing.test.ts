import { expect, test } from 'vitest'
import { systemRandom } from './random.ts'
import { keyedDigests, SealBroken, seal, sealedUnder, unseal } from './sealing.ts'

const key = (id: string, fill: number) => ({ id, key: Buffer.alloc(32, fill) })
const KEYS = [key('k1', 1)]
const TEXT = '11010519491231002X'

test('S9 what is sealed opens at its own place only, and shows nothing of what it holds', () => {
  const sealed = seal(KEYS, systemRandom, 'id_card:7', TEXT)
  expect(unseal(KEYS, 'id_card:7', sealed)).toBe(TEXT)
  expect(sealed.toString('latin1')).not.toContain(TEXT)
  for (const place of ['id_card:8', 'real_name:7']) expect(() => unseal(KEYS, place, sealed)).toThrow(SealBroken)
})

test('the same text is sealed differently each time, and a changed byte is noticed', () => {
  const sealed = seal(KEYS, systemRandom, 'p', TEXT)
  expect(seal(KEYS, systemRandom, 'p', TEXT)).not.toEqual(sealed)
  for (let place = 0; place < sealed.length; place += 1) {
    const changed = Buffer.from(sealed)
    changed[place] = (changed[place] ?? 0) ^ 1
    expect(() => unseal(KEYS, 'p', changed)).toThrow(SealBroken)
  }
  expect(() => unseal(KEYS, 'p', sealed.subarray(0, 10))).toThrow(SealBroken)
})

test('after a rotation the new key seals, and what the old one sealed still opens', () => {
  const old = seal(KEYS, systemRandom, 'p', TEXT)
  const rotated = [key('k2', 2), ...KEYS]
  expect(sealedUnder(seal(rotated, systemRandom, 'p', TEXT))).toBe('k2')
  expect(unseal(rotated, 'p', old)).toBe(TEXT)
  expect(() => unseal([key('k2', 2)], 'p', old)).toThrow(SealBroken)
})

test('digests find equal texts over a rotation, and differ by key and purpose', () => {
  const [old] = keyedDigests(KEYS, 'id_card', TEXT)
  const rotated = keyedDigests([key('k2', 2), ...KEYS], 'id_card', TEXT)
  expect(rotated[1]).toEqual(old)
  expect(rotated[0]).not.toEqual(old)
  expect(keyedDigests(KEYS, 'phone', TEXT)[0]).not.toEqual(old)
})
