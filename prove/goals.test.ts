import { execFile } from 'node:child_process'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { GOALS } from './goals.ts'
import { randomFrom } from './random.ts'
import { readWish } from './wish.ts'

const root = path.resolve(import.meta.dirname, '..')
const known = GOALS.map(({ id }) => id)

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

test('every goal of the walking core can be asked for', () => {
  expect(known).toEqual(['G01', 'G02', 'G05', 'G07', 'G08', 'G13'])
})

test('G08 the arithmetic of money holds for generated amounts', async () => {
  const goal = GOALS.find(({ id }) => id === 'G08')
  const found = await goal?.prove({ seed: 8, size: 'small', random: randomFrom(8), say: () => undefined })
  expect(found).toEqual({ counts: { cases: 200_000, violations: 0 }, broken: [] })
})

describe('what is asked for', () => {
  test('are goals by name, small unless said otherwise, with a seed that repeats a run', () => {
    expect(readWish(['G01', 'G07', '--seed', '7'], known)).toEqual({ ids: ['G01', 'G07'], seed: 7, size: 'small' })
    expect(readWish(['G05', '--size', 'full', '--seed', '0'], known)).toEqual({ ids: ['G05'], seed: 0, size: 'full' })
    expect(readWish(['G05'], known)?.seed).toBeGreaterThan(0)
  })

  test.each([['--release', '1'], ['--ci']])('is everything with %s %s', (...words) => {
    expect(readWish(words, known)?.ids).toEqual(known)
  })

  test.each([
    ['nothing', []],
    ['an unknown size', ['G08', '--size', 'huge']],
    ['a seed that is no number', ['G08', '--seed', 'x']],
    ['an unknown option', ['G08', '--fast']],
    ['a release that has no goals yet', ['--release', '2']],
  ])('is not understood when it is %s', (_case, words) => {
    expect(readWish(words, known)).toBeUndefined()
  })
})

test('a goal that was not run is no pass, also beside one that passes; each ends with one line', async () => {
  const { code, lines } = await prove('G99', 'G08', '--seed', '11')
  expect(lines[0]).toBe('G99 NOTRUN reason=unknown_goal')
  expect(lines[1]).toBe('G08 Money arithmetic (seed 11, small)')
  expect(lines.at(-1)).toMatch(/^G08 PASS seed=11 cases=200000 violations=0 seconds=[\d.]+$/)
  expect(code).toBe(2)
})
