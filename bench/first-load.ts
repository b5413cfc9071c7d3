import fs from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import type { Figure } from './figure.ts'

const client = path.resolve(import.meta.dirname, '../web/dist/client')
const gzip = promisify(zlib.gzip)

interface Chunk {
  readonly file: string
  readonly imports?: readonly string[]
  readonly css?: readonly string[]
}

const ENTRY = 'entry-client.ts'
const PAGES = [
  { address: '/', source: 'features/houses/HomePage.vue' },
  { address: '/search', source: 'features/search/SearchPage.vue' },
  { address: '/detail/:id', source: 'features/houses/DetailPage.vue' },
]
const MOST_SCRIPT_KB = 48
const MOST_STYLE_KB = 10

/** What a browser must load before a public page answers to a touch, from the manifest of the build, packed as gzip. */
export async function measureFirstLoad(): Promise<Figure[]> {
  const manifest = await readManifest()
  const figures: Figure[] = []
  for (const { address, source } of PAGES) {
    const chunks = new Set([...chunksUnder(manifest, ENTRY), ...chunksUnder(manifest, source)])
    const scripts = await packedKb([...chunks].map(({ file }) => file).filter((file) => file.endsWith('.js')))
    const styles = await packedKb([...chunks].flatMap(({ css = [] }) => css))
    figures.push(atMost(`first scripts of ${address}`, scripts, MOST_SCRIPT_KB))
    figures.push(atMost(`first styles of ${address}`, styles, MOST_STYLE_KB))
  }
  return figures
}

const atMost = (name: string, ours: number, most: number): Figure => ({
  name,
  unit: 'KB gz',
  ours,
  aim: `≤ ${most}`,
  reached: ours <= most,
})

export interface BuiltChunk {
  readonly file: string
  readonly kb: number
  /** Paths of its sources, from the root of the repository. */
  readonly modules: readonly string[]
}

/** Every script of the built web with its weight as gzip, and those that the public pages load first. */
export async function readChunks(): Promise<{ all: readonly BuiltChunk[]; first: readonly BuiltChunk[] }> {
  const manifest = await readManifest()
  const modules = JSON.parse(await fs.readFile(path.join(client, '.vite/modules.json'), 'utf8')) as Record<
    string,
    string[]
  >
  const all = await Promise.all(
    Object.entries(modules).map(async ([file, own]) => ({ file, kb: await packedKb([file]), modules: own })),
  )
  const needed = new Set(
    [ENTRY, ...PAGES.map(({ source }) => source)].flatMap((source) =>
      [...chunksUnder(manifest, source)].map(({ file }) => file),
    ),
  )
  return { all, first: all.filter(({ file }) => needed.has(file)) }
}

async function readManifest(): Promise<Record<string, Chunk>> {
  return JSON.parse(await fs.readFile(path.join(client, '.vite/manifest.json'), 'utf8')) as Record<string, Chunk>
}

/** A chunk and all that it imports before it can run. */
function chunksUnder(manifest: Readonly<Record<string, Chunk>>, source: string, seen = new Set<Chunk>()): Set<Chunk> {
  const chunk = manifest[source]
  if (!chunk) throw new Error(`the manifest of the web does not know ${source}`)
  if (seen.has(chunk)) return seen
  seen.add(chunk)
  for (const next of chunk.imports ?? []) chunksUnder(manifest, next, seen)
  return seen
}

async function packedKb(files: readonly string[]): Promise<number> {
  let bytes = 0
  for (const file of new Set(files))
    bytes += (await gzip(await fs.readFile(path.join(client, file)), { level: 9 })).length
  return bytes / 1_024
}
