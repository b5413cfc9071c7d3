// All tests: builds what the browser tests visit, then one vitest run that ends with one line of counts.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { build } from './build.mjs'

const require = createRequire(import.meta.url)
const vitest = path.join(path.dirname(require.resolve('vitest/package.json')), 'vitest.mjs')

build()
const { status } = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
  stdio: 'inherit',
  // A machine's own zone or language must not decide whether a test passes.
  env: { ...process.env, TZ: process.env.TZ ?? 'UTC', NODE_ENV: 'test' },
})
process.exit(status ?? 1)
