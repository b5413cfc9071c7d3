// Builds what is stale: the sandbox, the web (browser and server rendering) and the server, each into its own dist.
//
//   node scripts/build.mjs            builds the parts whose sources changed since their last build
//   node scripts/build.mjs --force    builds all parts
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const require = createRequire(import.meta.url)
const bin = (name, file) => path.join(path.dirname(require.resolve(`${name}/package.json`)), file)
const vite = () => bin('vite', 'bin/vite.js')

/** Each part with what it is made of and how. A part is stale when the contents of its sources changed. */
const PARTS = [
  {
    name: 'alipay-sandbox',
    out: 'alipay-sandbox/dist',
    sources: [
      'alipay-sandbox/src',
      'alipay-sandbox/scripts/bundle-qr.mjs',
      'alipay-sandbox/package.json',
      'alipay-sandbox/tsconfig.json',
    ],
    commands: [
      [bin('typescript', 'bin/tsc'), '-p', 'alipay-sandbox/tsconfig.json'],
      ['alipay-sandbox/scripts/bundle-qr.mjs'],
    ],
  },
  {
    name: 'web',
    out: 'web/dist',
    sources: ['web', 'contract', 'core', 'package-lock.json'],
    commands: [
      [vite(), 'build', '--config', 'web/vite.config.ts', '--logLevel', 'warn'],
      [vite(), 'build', '--config', 'web/vite.config.ts', '--ssr', '--logLevel', 'warn'],
    ],
  },
  {
    name: 'server',
    out: 'server/dist',
    sources: ['server', 'contract', 'core', 'package-lock.json'],
    commands: [[vite(), 'build', '--config', 'server/vite.config.ts', '--logLevel', 'warn']],
  },
]

const IGNORED = new Set(['dist', 'node_modules', 'photos', '.data'])

function* filesIn(file) {
  if (!existsSync(file)) return
  if (statSync(file).isFile()) {
    if (!file.endsWith('.test.ts')) yield file
    return
  }
  for (const name of readdirSync(file).sort()) {
    if (!IGNORED.has(name)) yield* filesIn(path.join(file, name))
  }
}

function digestOf(part) {
  const hash = createHash('sha256')
  for (const source of part.sources) {
    for (const file of filesIn(path.join(root, source)))
      hash.update(path.relative(root, file)).update(readFileSync(file))
  }
  return hash.digest('hex')
}

/** Builds the parts that are stale. Throws when one of them does not build. */
export function build({ force = false } = {}) {
  for (const part of PARTS) {
    const stamp = path.join(root, part.out, '.stamp')
    const digest = digestOf(part)
    if (!force && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) continue
    const begun = Date.now()
    rmSync(path.join(root, part.out), { recursive: true, force: true })
    for (const [command, ...words] of part.commands) {
      const { status } = spawnSync(process.execPath, [command, ...words], { cwd: root, stdio: 'inherit' })
      if (status !== 0) throw new Error(`${part.name} does not build`)
    }
    mkdirSync(path.dirname(stamp), { recursive: true })
    writeFileSync(stamp, digest)
    process.stderr.write(`built ${part.name} in ${((Date.now() - begun) / 1000).toFixed(1)} s\n`)
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  build({ force: process.argv.includes('--force') })
}
