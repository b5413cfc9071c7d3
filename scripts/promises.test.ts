import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')

function* testFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
    const name = path.join(folder, entry.name)
    if (entry.isDirectory()) {
      if (!['node_modules', 'dist'].includes(entry.name)) yield* testFiles(name)
    } else if (entry.name.endsWith('.test.ts')) yield name
  }
}

const rows = readFileSync(path.join(root, 'docs/promises.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| promise'))

const quotedIn = (text = ''): string[] => [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')

test('every constraint, trigger and table that docs/promises.md names stands in the migrations', () => {
  const folder = path.join(root, 'server/migrations')
  const schema = readdirSync(folder)
    .map((name) => readFileSync(path.join(folder, name), 'utf8'))
    .join('\n')
  const named = rows.flatMap((row) => quotedIn(row.split('|')[2])).filter((name) => /^[a-z]+(_[a-z]+)+$/.test(name))

  expect(named.length).toBeGreaterThan(30)
  expect(named.filter((name) => !new RegExp(`\\b${name}\\b`).test(schema))).toEqual([])
})

test('every proof that docs/promises.md names exists as a test or as a goal', () => {
  const named = rows.flatMap((row) => quotedIn(row.split('|').at(-2)))
  const sources = ['core', 'server', 'web', 'e2e', 'prove']
    .flatMap((folder) => [...testFiles(folder)])
    .map((file) => readFileSync(path.join(root, file), 'utf8'))
    .join('\n')
  const goals = new Set(readdirSync(path.join(root, 'prove/goals')).map((name) => name.slice(0, 3).toUpperCase()))

  const missing = named.filter((name) => {
    if (/^G\d\d$/.test(name)) return !goals.has(name)
    return !['"', "'", '`'].some((quote) => sources.includes(`${quote}${name}`))
  })

  expect(named.length).toBeGreaterThan(40)
  expect(missing).toEqual([])
})
