import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { DEFAULT_LIMITS } from '@ihome/server/platform/config'
import { testConfig } from '@ihome/server/platform/testing'
import { describe, expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '..')
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')

const DOCUMENTS = [
  ...['.', 'docs', 'docs/adr', 'alipay-sandbox'].flatMap((folder) =>
    readdirSync(path.join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => path.join(folder, name)),
  ),
]

/** First cells of a table's rows, with what stands in the second. */
const rowsOf = (text: string): [string, string][] =>
  [...text.matchAll(/^\| `?([^|`]+?)`? +\| ([^|]*?) *\|/gm)].map(([, first = '', second = '']) => [first, second])

describe('what is written for people', () => {
  test('links only to files that are there', () => {
    expect(DOCUMENTS.length).toBeGreaterThan(15)
    const dead = DOCUMENTS.flatMap((document) =>
      [...read(document).matchAll(/(?:\]\(|src=")(?!https?:|#|mailto:)([^)#"\s]+)/g)]
        .map(([, target = '']) => path.join(path.dirname(document), target))
        .filter((target) => !existsSync(path.join(root, target)))
        .map((target) => `${document}: ${target}`),
    )
    expect(dead).toEqual([])
  })

  test('names only commands that exist', () => {
    const scripts = ['package.json', 'alipay-sandbox/package.json'].flatMap((file) =>
      Object.keys((JSON.parse(read(file)) as { scripts: object }).scripts),
    )
    const named = DOCUMENTS.flatMap((document) =>
      [...read(document).matchAll(/npm run ([a-z:]+)/g)].map(([, name = '']) => name),
    )
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter((name) => !scripts.includes(name))).toEqual([])
  })

  test('says of every dependency what it saves, and of none that is gone', () => {
    type Manifest = { workspaces?: string[] } & Partial<Record<'dependencies' | 'devDependencies', object>>
    const manifestOf = (folder: string): Manifest => JSON.parse(read(path.join(folder, 'package.json'))) as Manifest
    const installed = ['.', ...(manifestOf('.').workspaces ?? [])].flatMap((folder) => {
      const { dependencies = {}, devDependencies = {} } = manifestOf(folder)
      return [...Object.keys(dependencies), ...Object.keys(devDependencies)]
    })
    const explained = rowsOf(read('docs/dependencies.md'))
      .flatMap(([names]) => names.split(', '))
      .filter((name) => name !== 'package')
    expect([...new Set(explained)].sort()).toEqual([...new Set(installed)].sort())
  })
})

describe('docs/settings.md', () => {
  const text = read('docs/settings.md')
  const limits = rowsOf(text.slice(text.indexOf('## Limits'))).filter(([name]) => /^[A-Z_]+$/.test(name))

  test('names every setting that the start reads', () => {
    const inCode = [...read('server/platform/config.ts').matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm)].map(([, name]) => name)
    expect(inCode.length).toBeGreaterThan(30)
    expect(inCode.filter((name) => !text.includes(`\`${name}\``))).toEqual([])
  })

  test('tells of every limit its name and what it is when nothing is set', async () => {
    const found: string[] = []
    for (const [name, value] of limits) {
      const raised = Number(value) + 1
      const set = Object.entries((await testConfig({ [name]: String(raised) })).limits)
      const changed = set.filter(([key, now]) => now !== DEFAULT_LIMITS[key as keyof typeof DEFAULT_LIMITS])
      expect(
        changed.map(([, now]) => now),
        name,
      ).toEqual([raised])
      found.push(...changed.map(([key]) => key))
    }
    expect(found.sort()).toEqual(Object.keys(DEFAULT_LIMITS).sort())
  })
})
