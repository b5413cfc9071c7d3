import { generateKeyPairSync } from 'node:crypto'
import { createDefaults } from '../engine/accounts.ts'
import { Engine, type EngineOptions } from '../engine/engine.ts'
import type { SandboxEvent } from '../engine/events.ts'
import { type Journal, memoryJournal } from '../engine/journal.ts'
import { publicPem } from '../keys.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

/** A base clock that stands still until told otherwise. */
export function handClock(start = '2026-11-23T04:00:00Z') {
  let at = Date.parse(start)
  return {
    now: () => new Date(at),
    move(ms: number) {
      at += ms
    },
  }
}

/** An engine without wires; its notifies go nowhere. */
export function bareEngine(
  journal: Journal = memoryJournal,
  past: Iterable<SandboxEvent> = [],
  options: Partial<Pick<EngineOptions, 'random' | 'transport' | 'alipayPrivateKey'>> = {},
) {
  const clock = handClock()
  const key = options.alipayPrivateKey ?? privateKey
  const engine = new Engine({
    journal,
    past,
    baseClock: clock,
    alipayPrivateKey: key,
    transport: async () => ({ verdict: 'refused', httpStatus: 500 }),
    onDefect: (error) => {
      throw error
    },
    ...options,
  })
  // SBX-28: asserted after every operation of every test that comes through here.
  engine.store.onEvent(({ type }) => {
    let sum = 0
    for (const fen of engine.state.balances.values()) sum += fen
    if (sum !== 0) throw new Error(`the balances add up to ${sum} after ${type}`)
  })
  if (engine.state.apps.size === 0) createDefaults(engine, { publicKey: publicPem(key) })
  const [app] = engine.state.apps.values()
  if (!app) throw new Error('no app')
  return { engine, clock, app }
}
