import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { unzip } from '../testing/bill-reader.ts'
import { encodeGbk } from '../wire/gbk.ts'
import { ownCrc32, zip } from './zip.ts'

test('SBX-53 what is packed comes out again, also nothing and what cannot be made smaller', async () => {
  const entries = [
    { name: '空.csv', bytes: Buffer.alloc(0) },
    { name: '乱.bin', bytes: randomBytes(100_000) },
    { name: '长.csv', bytes: Buffer.alloc(1_000_000, '0.00,') },
  ]
  const files = unzip(await zip(entries, '2026-09-17 09:00:01'))
  expect(files.map(({ name }) => name)).toEqual(entries.map(({ name }) => name))
  // Compared as buffers: a list of a million numbers takes seconds.
  expect(files.every(({ bytes }, index) => bytes.equals(entries[index]?.bytes ?? Buffer.alloc(1)))).toBe(true)
  expect(files[0]?.rawName).toEqual(encodeGbk('空.csv'))
})

test('SBX-53 the checksum is the one of the standard', () => {
  expect(ownCrc32(Buffer.from('123456789'))).toBe(0xcbf43926)
  expect(ownCrc32(Buffer.alloc(0))).toBe(0)
})
