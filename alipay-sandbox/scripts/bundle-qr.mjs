// Puts the QR encoder into the built package, with its licence, so that the package needs no other at run time.
//
//   node scripts/bundle-qr.mjs [the folder that tsc wrote into; dist by default]
//
// dist/cashier/qr-encoder.js is one line that passes on what `uqr` exports. uqr is one module without imports of its
// own, so its text takes the place of that line.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const target = path.join(path.resolve(process.argv[2] ?? path.join(root, 'dist')), 'cashier', 'qr-encoder.js')

const home = path.dirname(path.dirname(createRequire(path.join(root, 'package.json')).resolve('uqr')))
const { version, license } = JSON.parse(readFileSync(path.join(home, 'package.json'), 'utf8'))
const encoder = readFileSync(path.join(home, 'dist', 'index.mjs'), 'utf8')
const licence = readFileSync(path.join(home, 'LICENSE'), 'utf8').trim()

if (license !== 'MIT' || /^\s*import\b|\brequire\(|\bimport\(/m.test(encoder)) {
  throw new Error(`uqr ${version} is no longer a single module under the MIT licence; look at it before bundling it`)
}
writeFileSync(
  target,
  `/*!\n * uqr ${version}\n *\n${licence.replace(/^/gm, ' * ').replace(/ +$/gm, '')}\n */\n${encoder}`,
)
