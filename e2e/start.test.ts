import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@ihome/server/platform/embedded-postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventually } from './shop-steps.ts'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')

let dataDir: string
let shop: ChildProcess | undefined

beforeAll(async () => {
  dataDir = await fs.mkdtemp(path.join(os.tmpdir(), 'ihome-start-'))
})

afterAll(async () => {
  if (shop?.pid && isAlive(-shop.pid)) process.kill(-shop.pid, 'SIGKILL')
  await fs.rm(dataDir, { recursive: true, force: true })
})

/** Whether a process, or with a negative number a process group, is still there. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Starts as a person does in a terminal, in a process group of its own, and waits until the shop answers. */
async function start(): Promise<{ ms: number; output: () => string; databasePid: number }> {
  const port = await freePort()
  const began = performance.now()
  const child = spawn('npm', ['start'], {
    cwd: root,
    detached: true,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      DATA_DIR: dataDir,
      PORT: String(port),
      ALIPAY_SANDBOX_PORT: String(await freePort()),
      METRICS_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  shop = child
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`it has ended:\n${output}`)
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
    return ready?.ok
  }, 120_000).toBe(true)
  return { ms: Math.round(performance.now() - began), output: () => output, databasePid: await databasePid() }
}

async function databasePid(): Promise<number> {
  const files = await fs.readdir(dataDir, { recursive: true })
  const file = files.find((name) => path.basename(name) === 'postmaster.pid')
  const [pid] = (await fs.readFile(path.join(dataDir, file ?? ''), 'utf8')).split('\n')
  return Number(pid)
}

/** Ctrl-C: the terminal sends SIGINT to everything in the foreground. */
async function pressCtrlC(databasePid: number): Promise<void> {
  const child = shop
  if (!child?.pid) throw new Error('nothing was started')
  const exit = once(child, 'exit')
  process.kill(-child.pid, 'SIGINT')
  await exit
  await eventually(() => isAlive(-(child.pid ?? 0)) || isAlive(databasePid)).toBe(false)
}

it('starts on an empty folder, ends with Ctrl-C without leaving a process, and starts again', async () => {
  const first = await start()
  for (const words of ['17000000001', '17000000002', 'aijia-demo-2026']) expect(first.output()).toContain(words)
  expect(isAlive(first.databasePid)).toBe(true)
  await pressCtrlC(first.databasePid)
  const second = await start()
  await pressCtrlC(second.databasePid)
  // A figure for people: how fast a machine is, is not for a test to judge.
  process.stdout.write(`first start ${first.ms} ms, second start ${second.ms} ms\n`)
})
