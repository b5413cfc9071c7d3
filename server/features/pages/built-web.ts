import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Transport } from '@ihome/contract/client'

/** The languages that the web speaks. */
export type Language = 'zh' | 'en'

/** What `render` of web/entry-server.ts takes and gives, as far as the server needs it. */
export interface RenderInput {
  readonly url: string
  readonly transport: Transport
  readonly state: {
    readonly lang: Language
    readonly today: string
    readonly now: string | undefined
    readonly name: string | undefined
  }
}

export interface RenderedPage {
  readonly status: number
  /** Where the page itself sends its visitor, such as to the login. */
  readonly redirect: string | undefined
  readonly html: string
  readonly title: string
  readonly description: string
  readonly head: {
    readonly image?: string | undefined
    readonly preload?: { readonly srcset: string; readonly sizes: string } | undefined
    readonly facts?: ((origin: string) => object) | undefined
  }
  readonly source: string | undefined
  readonly state: object
}

export interface WebFile {
  readonly type: string
  readonly body: Buffer
  /** True when the name carries a hash of the content, so that it never changes. */
  readonly hashed: boolean
}

/** Sentences of the catalogue that the server itself puts on a page. */
export interface FrameWords {
  readonly product: string
  readonly noScript: string
  readonly home: string
  readonly retry: string
  readonly brokenTitle: string
  readonly broken: string
  readonly brokenHint: string
  readonly brokenNumber: (id: string) => string
}

export interface BuiltWeb {
  readonly render: (input: RenderInput) => Promise<RenderedPage>
  readonly words: Readonly<Record<Language, FrameWords>>
  /** The style of the frame and the public pages, put into every page, and its hash for the policy. */
  readonly css: string
  readonly cssHash: string
  readonly script: string
  /** The scripts that the page of a source file needs beside the first one, and the words of its language. */
  scriptsOf(source: string | undefined, lang: Language): readonly string[]
  /** By the path that a browser asks for. */
  readonly files: ReadonlyMap<string, WebFile>
}

interface ManifestChunk {
  readonly file: string
  readonly imports?: readonly string[]
  readonly css?: readonly string[]
}
type Manifest = Readonly<Record<string, ManifestChunk>>

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
}
const ENTRY = 'entry-client.ts'
const ENGLISH = 'text/english.ts'

/** Looks for the built web above this file: in the sources it is elsewhere than from the built server. */
function findDist(): string {
  for (let folder = import.meta.dirname; ; folder = path.dirname(folder)) {
    const dist = path.join(folder, 'web/dist')
    if (existsSync(path.join(dist, 'client/.vite/manifest.json'))) return dist
    if (path.dirname(folder) === folder) throw new Error('the web is not built: run npm run build first')
  }
}

/** Reads what `vite build` has made of web/. Throws when it has not been built. */
export async function loadBuiltWeb(): Promise<BuiltWeb> {
  const dist = findDist()
  const client = path.join(dist, 'client')
  const manifest = JSON.parse(readFileSync(path.join(client, '.vite/manifest.json'), 'utf8')) as Manifest
  const entry = chunkOf(manifest, ENTRY)
  const css = cssUnder(manifest, ENTRY)
    .map((file) => readFileSync(path.join(client, file), 'utf8').trim())
    .join('\n')
  const { render, words } = (await import(
    /* @vite-ignore */ pathToFileURL(path.join(dist, 'server/entry-server.js')).href
  )) as Pick<BuiltWeb, 'render' | 'words'>
  const scripts = new Map(Object.keys(manifest).map((source) => [source, scriptsUnder(manifest, source)] as const))
  const entryScripts = scripts.get(ENTRY) ?? []
  return {
    render,
    words,
    css,
    cssHash: createHash('sha256').update(css).digest('base64'),
    script: `/${entry.file}`,
    scriptsOf(source, lang) {
      const own = source === undefined ? [] : (scripts.get(source) ?? [])
      const words = lang === 'en' ? (scripts.get(ENGLISH) ?? []) : []
      return [...new Set([...entryScripts, ...own, ...words])].filter((file) => file !== `/${entry.file}`)
    },
    files: readFiles(client),
  }
}

function chunkOf(manifest: Manifest, source: string): ManifestChunk {
  const chunk = manifest[source]
  if (!chunk) throw new Error(`the manifest of the web does not know ${source}`)
  return chunk
}

/** A chunk and everything it imports before it can run. */
function scriptsUnder(manifest: Manifest, source: string, seen = new Set<string>()): string[] {
  if (seen.has(source)) return []
  seen.add(source)
  const { file, imports = [] } = chunkOf(manifest, source)
  const own = file.endsWith('.js') ? [`/${file}`] : []
  return [...own, ...imports.flatMap((next) => scriptsUnder(manifest, next, seen))]
}

/** The style of a chunk after that of everything it imports, as browsers would load it. */
function cssUnder(manifest: Manifest, source: string, seen = new Set<string>()): string[] {
  if (seen.has(source)) return []
  seen.add(source)
  const { css = [], imports = [] } = chunkOf(manifest, source)
  return [...imports.flatMap((next) => cssUnder(manifest, next, seen)), ...css]
}

function readFiles(client: string): Map<string, WebFile> {
  const files = new Map<string, WebFile>()
  for (const entry of readdirSync(client, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name)
    const name = `/${path.relative(client, file).split(path.sep).join('/')}`
    if (!entry.isFile() || name.startsWith('/.')) continue
    const type = TYPES[path.extname(name)] ?? 'application/octet-stream'
    files.set(name, { type, body: readFileSync(file), hashed: name.startsWith('/assets/') })
  }
  return files
}
