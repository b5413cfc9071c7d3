import { expect, it } from 'vitest'
import { measureFirstLoad, readChunks } from '../bench/first-load.ts'

/** Of one script that comes after the first ones, packed as gzip. */
const MOST_LATER_KB = 20
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
    .filter(({ kb }) => kb > MOST_LATER_KB)
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
