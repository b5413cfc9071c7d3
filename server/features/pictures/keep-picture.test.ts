import fs from 'node:fs/promises'
import path from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { StorageFault } from '../../platform/file-store.ts'
import { Refusal } from '../../platform/refusal.ts'
import { testDeps } from '../../platform/testing.ts'
import { dropPicture, keepPicture } from './keep-picture.ts'
import { jpeg, jpegWithPlace, MARKS, oddPictures, png, pngBomb } from './testing-odd-pictures.ts'

const reasonOf = (error: unknown) => (error instanceof Refusal ? `${error.problem} ${error.details.reason}` : error)

describe('keeping a picture', async () => {
  const deps = await testDeps()
  const { uploadDir } = deps.config
  const stored = async () => (await fs.readdir(uploadDir).catch(() => [])).sort()
  const contentOf = (name: string) => fs.readFile(path.join(uploadDir, name))
  const odd = await oddPictures()

  test('R8.1 G32 has at least 80 odd and hostile files to try', () => {
    expect(odd.length).toBeGreaterThanOrEqual(80)
  })

  test.each(odd.map((file) => [file.name, file] as const))(
    'R8.1 G32 D-25 of %s nothing unsafe is kept',
    async (_, file) => {
      const before = await stored()
      const began = performance.now()
      const result = await keepPicture(deps, file.bytes, 'photo').catch((error: unknown) => reasonOf(error))
      const after = await stored()
      const key = typeof result === 'string' && /^[0-9a-f]{32}$/.test(result) ? result : undefined
      if (file.outcome === 'drawn') expect(key).toBeDefined()
      else if (file.outcome === 'broken_or_drawn') expect(key ?? result).toMatch(/^([0-9a-f]{32}|file_invalid \w+)$/)
      else expect(result).toBe(`file_invalid ${file.outcome}`)

      const made = after.filter((name) => !before.includes(name))
      expect(made).toHaveLength(key ? 6 : 0)
      for (const name of made) {
        const bytes = await contentOf(name)
        const { format, exif, xmp, iptc, icc } = await sharp(await asReadable(bytes)).metadata()
        expect([format, exif, xmp, iptc, icc]).toEqual(['webp', undefined, undefined, undefined, undefined])
        for (const mark of MARKS) expect(bytes.includes(mark), mark).toBe(false)
      }
      expect(performance.now() - began).toBeLessThan(10_000)
    },
  )

  test('G32 a picture is drawn in three sizes of 3:2 and two formats, a person in one square', async () => {
    const photo = await keepPicture(deps, await jpeg(1_600, 1_600), 'photo')
    const names = (await stored()).filter((name) => name.startsWith(photo))
    expect(names).toEqual([360, 640, 960].flatMap((width) => [`${photo}-${width}.avif`, `${photo}-${width}.webp`]))
    const { width, height } = await sharp(await contentOf(`${photo}-960.webp`)).metadata()
    expect([width, height]).toEqual([960, 640])
    const face = await keepPicture(deps, await png(300, 900), 'avatar')
    expect((await stored()).filter((name) => name.startsWith(face))).toHaveLength(2)
    const size = await sharp(await contentOf(`${face}-360.webp`)).metadata()
    expect([size.width, size.height]).toEqual([360, 360])
  })

  test('G32 a photo stands upright however the camera was held, and nobody learns where', async () => {
    const upright = await sharp(
      await contentOf(`${await keepPicture(deps, await jpegWithPlace(1), 'photo')}-360.webp`),
    ).metadata()
    const sideways = await keepPicture(deps, await jpegWithPlace(6), 'photo')
    const bytes = await contentOf(`${sideways}-360.webp`)
    expect((await sharp(bytes).metadata()).orientation).toBeUndefined()
    expect(upright.height).toBe(240)
    expect(bytes.includes('SECRET-PLACE')).toBe(false)
  })

  test('G32 the memory of the largest allowed picture is bounded', async () => {
    const before = process.memoryUsage().rss
    await keepPicture(deps, pngBomb(8_000, 5_000), 'photo')
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1_048_576)
  })

  test('D-25 the same picture twice has two keys, and none is ever overwritten', async () => {
    const bytes = await jpeg()
    const [first, second] = [await keepPicture(deps, bytes, 'photo'), await keepPicture(deps, bytes, 'photo')]
    expect(first).not.toBe(second)
    await expect(deps.files.put(`${first}-360.webp`, Buffer.from('other'), 'image/webp')).rejects.toThrow(StorageFault)
    expect((await contentOf(`${first}-360.webp`)).includes('other')).toBe(false)
  })

  test('R8.1 D-28 when the place is full or away, the caller is told and nothing is left behind', async () => {
    let room = 2
    const full = {
      ...deps,
      files: {
        ...deps.files,
        put: async (name: string, bytes: Buffer, type: string) => {
          room -= 1
          if (room < 0) throw new StorageFault('full')
          await deps.files.put(name, bytes, type)
        },
      },
    }
    const before = await stored()
    await expect(keepPicture(full, await jpeg(), 'photo')).rejects.toMatchObject({ problem: 'storage_unavailable' })
    expect(await stored()).toEqual(before)
  })

  test('a picture that nobody names any more is forgotten', async () => {
    const key = await keepPicture(deps, await jpeg(), 'photo')
    await dropPicture(deps, key)
    expect((await stored()).filter((name) => name.startsWith(key))).toEqual([])
    await dropPicture(deps, key)
  })
})

/** What is stored as AVIF cannot be read here any more, on purpose; its WebP stands for it. */
async function asReadable(bytes: Buffer): Promise<Buffer> {
  if (bytes.subarray(4, 12).toString('latin1') !== 'ftypavif') return bytes
  return sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } })
    .webp()
    .toBuffer()
}
