import fs from 'node:fs/promises'
import path from 'node:path'
import { expect, it } from 'vitest'
import { measureFirstLoad, readChunks } from '../bench/first-load.ts'

/** Of one script that comes after the first ones, packed as gzip. */
const MOST_LATER_KB = 20
/** The zoom of photos, which comes with a tap. */
const MOST_ZOOM_KB = 25
const PHOTOS = path.resolve(import.meta.dirname, '../server/seed/photos')
const FOREIGN = /(^|\/)node_modules\/typebox\/|^contract\/schemas\/|^web\/features\/(desk|hosting)\//

it('UX1 keeps the first scripts and styles of the public pages within their weight', async () => {
  const figures = await measureFirstLoad()
  expect(figures).toHaveLength(6)
  const tooHeavy = figures.filter(({ reached }) => !reached).map(({ name, ours, aim }) => `${name}: ${ours} (${aim})`)
  expect(tooHeavy).toEqual([])
})

it('UX2 keeps every later script within its weight', async () => {
  const { all, first } = await readChunks()
  expect(all.length).toBeGreaterThan(first.length)
  const tooHeavy = all
    .filter((chunk) => !first.includes(chunk))
    .filter(
      ({ kb, modules }) => kb > (modules.some((name) => /\/photoswipe\//.test(name)) ? MOST_ZOOM_KB : MOST_LATER_KB),
    )
    .map(({ file, kb }) => `${file}: ${kb}`)
  expect(tooHeavy).toEqual([])
})

it('UX2 loads no schemas anywhere, and nothing of hosts and operators on public pages', async () => {
  const { all, first } = await readChunks()
  expect(first.some(({ modules }) => modules.includes('web/features/houses/DetailPage.vue'))).toBe(true)
  expect(first.flatMap(({ modules }) => modules).filter((name) => FOREIGN.test(name))).toEqual([])
  const schemas = all.filter(({ modules }) => modules.some((name) => /node_modules\/typebox\//.test(name)))
  expect(schemas.map(({ file }) => file)).toEqual([])
})

it('UX2 brings the zoom of photos with the tap that asks for it', async () => {
  const { all, first } = await readChunks()
  const holdsZoom = all.filter(({ modules }) => modules.some((name) => /\/photoswipe\//.test(name)))
  expect(holdsZoom).toHaveLength(1)
  expect(first).not.toContain(holdsZoom[0])
})

it('UX3 keeps the pictures of the demo within their weight', async () => {
  const weightsAt = async (width: number) => {
    const files = (await fs.readdir(PHOTOS)).filter((file) => file.endsWith(`-${width}.avif`))
    return Promise.all(files.map(async (file) => (await fs.stat(path.join(PHOTOS, file))).size / 1_024))
  }
  // A phone of 390 px at 2× draws its pictures at 640, one at 1× at 360.
  const large = await weightsAt(640)
  const small = await weightsAt(360)
  expect(large.length).toBeGreaterThan(40)
  expect(Math.max(...large), 'a card at 2×').toBeLessThanOrEqual(12)
  expect(Math.max(...small), 'a card at 1×').toBeLessThanOrEqual(12)
})
