// For the one who develops: builds, starts, and does both again when a source changes.
import { spawn, spawnSync } from 'node:child_process'
import { watch } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const start = path.join(root, 'scripts/start.mjs')
const QUIET_MS = 200 // an editor saves in several steps

let child
let timer

function restart() {
  clearTimeout(timer)
  timer = setTimeout(() => {
    const built = spawnSync(process.execPath, [path.join(root, 'scripts/build.mjs')], { stdio: 'inherit' })
    // A source that does not build leaves the last good server running.
    if (built.status !== 0 && child) return
    const next = () => {
      child = spawn(process.execPath, [start], { stdio: 'inherit', env: process.env })
    }
    if (!child || child.exitCode !== null) return next()
    child.once('exit', next)
    child.kill('SIGTERM')
  }, QUIET_MS)
}

for (const folder of ['core', 'contract', 'server', 'web', 'alipay-sandbox/src']) {
  watch(path.join(root, folder), { recursive: true }, (_event, file) => {
    if (file && /\.(ts|vue|css|sql)$/.test(file) && !/(^|\/)(dist|node_modules)\//.test(file)) restart()
  })
}
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    if (!child || child.exitCode !== null) process.exit(0)
    child.once('exit', () => process.exit(0))
    child.kill('SIGTERM')
  })
}
restart()
