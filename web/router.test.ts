import { expect, it } from 'vitest'
import { PAGE_SOURCES } from './page-sources.ts'
import type { RouteRecord } from './platform/page-router.ts'
import { safeNext } from './platform/session.ts'
import { ROUTES } from './router.ts'

const PAGES = Object.keys(import.meta.glob('./features/**/*Page.vue'))

/** The table with every part that comes late. */
const ALL: readonly RouteRecord[] = (
  await Promise.all(ROUTES.map(async (route) => ('more' in route ? (await route.more()).routes : [route])))
).flat()

it.each(ALL.map(({ path: address, name = '' }) => [address, PAGE_SOURCES[name] ?? '']))(
  '%s is the page in %s',
  (_address, source) => {
    expect(PAGES).toContain(`./${source}`)
  },
)

it('knows the file of every page by the route that loads it', async () => {
  for (const { name = '', component } of ALL) {
    // As the file that holds the route writes it.
    const file = (PAGE_SOURCES[name] ?? '').split('/').pop()
    expect(String(component), name).toContain(`/${file}`)
  }
  expect(Object.keys(PAGE_SOURCES)).toEqual(ALL.map(({ name }) => name))
})

it.each([
  ['/booking/7?sd=2026-11-27', '/booking/7?sd=2026-11-27'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
  [undefined, '/'],
])('a login asked to go on to %s goes to %s', (next, place) => {
  expect(safeNext(next)).toBe(place)
})
