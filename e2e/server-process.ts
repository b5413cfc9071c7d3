import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')

export interface ServerProcess {
  readonly origin: string
  readonly pid: number
  /** What it wrote so far, both streams, for a failed test's message and for scans. */
  output(): string
  /** Moves the clock of the process; resolves when it is in force. */
  shiftClock(offsetMs: number): Promise<void>
  /** SIGKILL: nothing is finished, nothing is closed. */
  kill(): Promise<void>
  /** SIGTERM; gives the exit code. */
  stop(): Promise<number | null>
}

const STARTED_WITHIN_MS = 60_000

/**
 * Starts the built server in a process of its own, as `npm start` does, and waits until it says that it is ready. Its
 * clock can be moved and starts `offsetMs` off; without an offset it is the process's own, which costs less to read.
 */
export async function startServer(
  env: Readonly<Record<string, string>>,
  { offsetMs }: { readonly offsetMs: number | undefined },
): Promise<ServerProcess> {
  const origin = `http://127.0.0.1:${env.PORT}`
  const clock = offsetMs === undefined ? [] : ['--import', path.join(root, 'e2e/shifted-clock.mjs')]
  const child = spawn(process.execPath, [...clock, path.join(root, 'e2e/built-server.mjs')], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', CLOCK_OFFSET_MS: String(offsetMs ?? 0), ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-200_000)
    })
  }
  const server: ServerProcess = {
    origin,
    pid: child.pid ?? 0,
    output: () => output,
    async shiftClock(next) {
      if (!child.connected) return // It is dead; the one that takes its place starts with the moved clock.
      const waiting = new AbortController()
      const { signal } = waiting
      const heard = Promise.race([once(child, 'message', { signal }), once(child, 'exit', { signal })])
      child.send({ offsetMs: next })
      await heard
      waiting.abort()
    },
    async kill() {
      await ended(child, 'SIGKILL')
    },
    stop: () => ended(child, 'SIGTERM'),
  }
  await untilReady(server, child)
  return server
}

async function untilReady(server: ServerProcess, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + STARTED_WITHIN_MS
  while (performance.now() < deadline) {
    if (child.exitCode !== null) break
    const ready = await fetch(`${server.origin}/readyz`).catch(() => undefined)
    if (ready?.ok) return
    await pause(50)
  }
  await server.kill()
  throw new Error(`the server did not become ready:\n${server.output()}`)
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const exit = once(child, 'exit')
  child.kill(signal)
  await exit
  return child.exitCode
}
