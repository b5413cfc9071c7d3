import { expect, test } from 'vitest'
import { bareEngine } from '../testing/bare-engine.ts'
import { findBuyer } from './cashier-port.ts'
import { logIn, openCheckout, payCheckout } from './checkouts.ts'
import type { Journal } from './journal.ts'
import type { NotifyTransport } from './notify-queue.ts'

const COUNT = 500
const HOUR_MS = 3_600_000

/** A merchant that answers each message in a later turn, and counts how many are with it at once. */
function busyMerchant() {
  const seen = { now: 0, most: 0, all: 0 }
  const transport: NotifyTransport = async () => {
    seen.now += 1
    seen.all += 1
    seen.most = Math.max(seen.most, seen.now)
    await new Promise((resolve) => setImmediate(resolve))
    seen.now -= 1
    return { verdict: 'refused', httpStatus: 500 }
  }
  return { seen, transport }
}

/** Pays orders at one instant, each of which is to be told of at once. */
function payMany({ engine, app }: Pick<ReturnType<typeof bareEngine>, 'engine' | 'app'>, count: number): void {
  const at = engine.settledNow()
  const buyer = findBuyer(engine, 'rich@example.com')
  if (!buyer) throw new Error('no buyer')
  for (let index = 0; index < count; index += 1) {
    const order = { outTradeNo: `q${index}`, product: 'page', amountFen: 100, subject: 's' } as const
    const wish = { appId: app.id, sellerId: app.sellerId, order, charset: 'utf-8', expiresAt: at + HOUR_MS }
    const checkout = openCheckout(engine, { ...wish, notifyUrl: 'http://127.0.0.1:1/' }, at)
    logIn(engine, checkout, buyer, at)
    payCheckout(engine, checkout, buyer, { password: buyer.payPassword, via: 'browser' }, at)
  }
}

test('SBX-36 SBX-41 after a jump of the clock hundreds are due at once: they leave a few at a time, none twice, none late', async () => {
  const { seen, transport } = busyMerchant()
  const bare = bareEngine(undefined, undefined, { transport })
  const { engine, clock } = bare
  payMany(bare, COUNT)
  for (const deliveries of [1, 2]) {
    await engine.scheduler.settle()
    expect(seen.all).toBe(deliveries * COUNT)
    expect([...engine.state.notifies.values()].every(({ attempts }) => attempts === deliveries)).toBe(true)
    clock.move(4 * 60_000)
  }
  expect(seen.most).toBeGreaterThan(1)
  expect(seen.most).toBeLessThanOrEqual(64)
  await engine.stop()
})

test('SBX-59 a stop does not send what still waits in line, nor counts it as tried', async () => {
  const { seen, transport } = busyMerchant()
  const bare = bareEngine(undefined, undefined, { transport })
  const { engine } = bare
  payMany(bare, COUNT)
  engine.scheduler.runDue()
  await engine.stop()
  expect(seen.all).toBeLessThanOrEqual(64)
  expect([...engine.state.notifies.values()].filter(({ attempts }) => attempts > 0).length).toBe(seen.all)
})

test('SBX-35 a merchant is told of nothing that is not on disk', async () => {
  let appended = 0
  let written = 0
  const journal: Journal = {
    append() {
      appended += 1
    },
    async durable() {
      const upTo = appended
      await new Promise((resolve) => setImmediate(resolve))
      written = Math.max(written, upTo)
    },
    async close() {},
  }
  const unwritten: number[] = []
  const transport: NotifyTransport = async () => {
    unwritten.push(appended - written)
    return { verdict: 'refused', httpStatus: 200, answer: 'success' }
  }
  const bare = bareEngine(journal, undefined, { transport })
  payMany(bare, 1)
  expect(appended).toBeGreaterThan(written)
  bare.engine.scheduler.runDue()
  await bare.engine.scheduler.idle()
  expect(unwritten).toEqual([0])
  await bare.engine.stop()
})
