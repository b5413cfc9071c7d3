import fs from 'node:fs/promises'
import path from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Carrier, carrierFor, deliverDueMessages, type Letter } from './deliver-outbox.ts'
import { putMessage } from './outbox.ts'
import { type TestDeps, testConfig, testDeps } from './testing.ts'

describe('the outbox', () => {
  let deps: TestDeps
  let letters: Letter[]
  const never = new AbortController().signal

  beforeEach(async () => {
    deps = await testDeps()
    letters = []
  })

  const put = (dedupeKey: string, { inMs = 0, userId = 1 } = {}) => {
    const now = deps.clock.now()
    return deps.transact((tx) =>
      putMessage(tx, {
        topic: 'notice',
        dedupeKey,
        orderId: 7,
        payload: { news: 'paid', user_id: userId },
        createdAt: now,
        dueAt: new Date(now.getTime() + inMs),
      }),
    )
  }
  const collect: Carrier = async (letter) => {
    letters.push(letter)
  }
  const deliver = (carrier: Carrier | undefined = collect) =>
    deliverDueMessages(
      { ...deps, carrier, phoneOf: async (userId) => (userId === 1 ? '19900000001' : undefined) },
      never,
    )
  const rows = () =>
    deps.db.selectFrom('outbox').select(['dedupe_key', 'tries', 'sent_at', 'dead_at', 'error']).orderBy('id').execute()

  test('keeps one message a key, and sends each once, when it is due', async () => {
    await put('paid:7:guest')
    await put('paid:7:guest')
    await put('later:7:guest', { inMs: 60_000 })
    expect(await deliver()).toBe(1)
    expect(await deliver()).toBe(0)
    deps.clock.advance(60_000)
    expect(await deliver()).toBe(1)
    expect(letters.map((letter) => letter.phone)).toEqual(['19900000001', '19900000001'])
    expect(new Set(letters.map((letter) => letter.messageId)).size).toBe(2)
  })

  test('X1 a message of a transaction that fails was never there', async () => {
    const failing = deps.transact(async (tx) => {
      const now = deps.clock.now()
      await putMessage(tx, { topic: 'notice', dedupeKey: 'k', payload: {}, createdAt: now, dueAt: now })
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await rows()).toEqual([])
  })

  test('X3 says sent only after the carrier took it, tries again later, and gives up at last', async () => {
    await put('paid:7:guest')
    const broken: Carrier = async () => {
      throw new Error('down')
    }
    expect(await deliver(broken)).toBe(0)
    expect(await rows()).toMatchObject([{ tries: 1, sent_at: null, error: 'not_taken' }])
    expect(await deliver()).toBe(0)
    for (let round = 2; round <= 12; round += 1) {
      deps.clock.advance(3_600_000)
      await deliver(broken)
    }
    expect(await rows()).toMatchObject([{ tries: 12, sent_at: null, dead_at: deps.clock.now() }])
  })

  test('X4 of many workers at once one sends a message, and a worker that died is replaced when its lease ends', async () => {
    for (let n = 1; n <= 30; n += 1) await put(`m:${n}`)
    await Promise.all([deliver(), deliver(), deliver(), deliver()])
    await deliver()
    expect(new Set(letters.map((letter) => letter.messageId)).size).toBe(30)
    expect(letters).toHaveLength(30)

    await put('after')
    await deps.db
      .updateTable('outbox')
      .set({ lease_until: new Date(deps.clock.now().getTime() + 300_000) })
      .where('sent_at', 'is', null)
      .execute()
    expect(await deliver()).toBe(0)
    deps.clock.advance(300_001)
    expect(await deliver()).toBe(1)
  })

  test('a message to nobody goes to the dead letters', async () => {
    await put('x', { userId: 99 })
    expect(await deliver()).toBe(0)
    expect(await rows()).toMatchObject([{ dead_at: deps.clock.now(), error: 'no_recipient' }])
  })

  test('outside production the letters go to a file that only its owner reads; in production without SMS_URL they wait', async () => {
    await put('paid:7:guest')
    await deliver(carrierFor(deps.config))
    const file = path.join(deps.config.dataDir, 'outbox.log')
    expect(JSON.parse(await fs.readFile(file, 'utf8'))).toMatchObject({ phone: '19900000001', news: 'paid' })
    expect((await fs.stat(file)).mode & 0o777).toBe(0o600)

    const production = await testConfig({ NODE_ENV: 'production', DATABASE_URL: 'postgresql://x/y' })
    await put('waits')
    expect(
      await deliverDueMessages({ ...deps, carrier: carrierFor(production), phoneOf: async () => '1' }, never),
    ).toBe(0)
    expect(await rows()).toMatchObject([{}, { dedupe_key: 'waits', tries: 0, sent_at: null }])
  })
})
