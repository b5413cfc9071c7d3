import { execFile } from 'node:child_process'
import path from 'node:path'
import { buildShop } from '@ihome/server/app'
import { testDeps } from '@ihome/server/platform/testing'
import { describe, expect, test } from 'vitest'
import { holesIn, routesOf } from './authorization/matrix.ts'
import { createFakeGateway } from './fake-gateway.ts'
import { GOALS } from './goals.ts'
import { randomFrom } from './random.ts'
import { readWish } from './wish.ts'

const root = path.resolve(import.meta.dirname, '..')

/** `npm run prove -- …` without npm. */
function prove(...words: string[]): Promise<{ code: number; lines: string[] }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', 'prove/main.ts', ...words],
      { cwd: root },
      (_error, stdout) => resolve({ code: child.exitCode ?? -1, lines: stdout.trim().split('\n') }),
    )
  })
}

const FIRST = ['G01', 'G02', 'G05', 'G07', 'G08', 'G13', 'G33']
const ALL = [...FIRST, 'G04', 'G06', 'G12', 'G16', 'G32', 'G34', 'G36', 'G37'].sort()

test('every goal that is promised so far can be asked for', () => {
  expect(GOALS.map(({ id }) => id).sort()).toEqual(ALL)
})

test('G33 the matrix knows every route of the API, and no other', async () => {
  const deps = await testDeps()
  const shop = await buildShop(deps, { provider: createFakeGateway().provider, pages: false })
  await shop.ready()
  const routes = routesOf(shop.swagger())
  // The page with the text messages is there in a trial only.
  expect(holesIn(routes).filter((hole) => !hole.includes('readDevInbox'))).toEqual([])
  expect(holesIn([...routes, { method: 'GET', path: '/new', operationId: 'isNew', isPage: false }])).toContain(
    'G33 GET /new (isNew) is not in the matrix',
  )
  await shop.close()
})

test('G08 the arithmetic of money holds for generated amounts', async () => {
  const goal = GOALS.find(({ id }) => id === 'G08')
  const found = await goal?.prove({ seed: 8, size: 'small', random: randomFrom(8), say: () => undefined })
  expect(found).toEqual({ counts: { cases: 200_000, violations: 0 }, broken: [] })
})

describe('what is asked for', () => {
  test('are goals by name, small unless said otherwise, with a seed that repeats a run', () => {
    expect(readWish(['G01', 'G07', '--seed', '7'], GOALS)).toEqual({ ids: ['G01', 'G07'], seed: 7, size: 'small' })
    expect(readWish(['G05', '--size', 'full', '--seed', '0'], GOALS)).toEqual({ ids: ['G05'], seed: 0, size: 'full' })
    expect(readWish(['G05'], GOALS)?.seed).toBeGreaterThan(0)
  })

  test.each([
    ['--ci', ALL],
    ['--release=1', FIRST],
    ['--release=2', ALL.filter((id) => !FIRST.includes(id))],
  ])('is everything of that kind with %s', (word, ids) => {
    expect([...(readWish([word], GOALS)?.ids ?? [])].sort()).toEqual(ids)
  })

  test.each([
    ['nothing', []],
    ['an unknown size', ['G08', '--size', 'huge']],
    ['a seed that is no number', ['G08', '--seed', 'x']],
    ['an unknown option', ['G08', '--fast']],
    ['a release that has no goals yet', ['--release', '3']],
  ])('is not understood when it is %s', (_case, words) => {
    expect(readWish(words, GOALS)).toBeUndefined()
  })
})

test('a goal that was not run is no pass, also beside one that passes; each ends with one line', async () => {
  const { code, lines } = await prove('G99', 'G08', '--seed', '11')
  expect(lines[0]).toBe('G99 NOTRUN reason=unknown_goal')
  expect(lines[1]).toBe('G08 Money arithmetic (seed 11, small)')
  expect(lines.at(-1)).toMatch(/^G08 PASS seed=11 cases=200000 violations=0 seconds=[\d.]+$/)
  expect(code).toBe(2)
})
