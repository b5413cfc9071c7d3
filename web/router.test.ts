import { expect, it } from 'vitest'
import { PAGE_SOURCES } from './page-sources.ts'
import { safeNext } from './platform/session.ts'
import { ROUTES } from './router.ts'

const PAGES = Object.keys(import.meta.glob('./features/**/*Page.vue'))

it.each(ROUTES.map(({ path: address, name = '' }) => [address, PAGE_SOURCES[name] ?? '']))(
  '%s is the page in %s',
  (_address, source) => {
    expect(PAGES).toContain(`./${source}`)
  },
)

it('knows the file of every page by the route that loads it', async () => {
  for (const { name = '', component } of ROUTES) expect(String(component), name).toContain(`/${PAGE_SOURCES[name]}`)
  expect(Object.keys(PAGE_SOURCES)).toEqual(ROUTES.map(({ name }) => name))
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
