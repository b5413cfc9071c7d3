import { createHash, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { formatBeijing } from './engine/beijing.ts'
import { addFault } from './engine/faults.ts'
import { type Random, sevenDigits } from './engine/ids.ts'
import type { Journal } from './engine/journal.ts'
import { playBuyer } from './payments.ts'
import { bareEngine } from './testing/bare-engine.ts'
import { signRequest } from './testing/merchant.ts'
import { createGateway } from './wire/gateway.ts'

/** Throws that depend on the seed alone. */
function seeded(seed: number): Random & { pick<T>(from: readonly [T, ...T[]]): T } {
  let thrown = 0
  const next = () => {
    thrown += 1
    return createHash('sha256').update(`${seed}:${thrown}`).digest()
  }
  const fraction = () => next().readUInt32BE() / 0x1_0000_0000
  return {
    digits: () => sevenDigits(fraction()),
    bytes: (count) => next().subarray(0, count),
    pick: (from) => from[Math.floor(fraction() * from.length)] ?? from[0],
  }
}

// Both sides sign with it some ten thousand times; a short one is enough to compare two runs.
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })

const KINDS = [
  'notify_lost',
  'notify_duplicated',
  'notify_reordered',
  'notify_delayed',
  'notify_closed_on_paid',
  'no_answer_before',
  'no_answer_after',
  'unknown_error',
  'fund_change_missing',
] as const

/** So many operations of one merchant whose gateway errs by chance; the journal they leave behind. */
async function journalOf(seed: number, operations: number): Promise<string> {
  const lines: string[] = []
  const journal: Journal = {
    append: (events) => void lines.push(JSON.stringify(events)),
    async durable() {},
    async close() {},
  }
  const random = seeded(seed)
  const accepts = seeded(seed + 1)
  const { engine, app } = bareEngine(journal, [], {
    alipayPrivateKey: privateKey,
    random,
    transport: async () => ({
      verdict: 'refused',
      httpStatus: 200,
      answer: accepts.pick(['success', 'success', 'fail']),
    }),
  })
  const gateway = createGateway(
    engine,
    () => ({ status: 200, headers: {}, body: '' }),
    () => Promise.reject(new Error('this merchant has no certificates')),
  )
  for (const [index, kind] of KINDS.entries()) {
    addFault(engine, { kind, probability: 0.2, seed: seed + index, times: null, outTradeNo: 'o*' })
  }
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
  const target = (method: string, biz: unknown, more: Readonly<Record<string, string>> = {}) => {
    const common = { app_id: app.id, method, charset: 'utf-8', sign_type: 'RSA2', version: '1.0', ...more }
    const timed = { ...common, timestamp: formatBeijing(engine.clock.now()), biz_content: JSON.stringify(biz) }
    return `/gateway.do?${new URLSearchParams(signRequest(timed, pem))}`
  }
  const ask = (method: string, biz: unknown) =>
    gateway.handle({ target: target(method, biz), contentType: undefined, body: Buffer.alloc(0) })
  const wishes = seeded(seed + 2)
  let orders = 0
  for (let done = 0; done < operations; done += 1) {
    const no = `o${wishes.pick([orders, Math.max(0, orders - 1), Math.max(0, orders - 2)])}`
    const act = wishes.pick(['pay', 'pay', 'query', 'refund', 'refund', 'close'])
    if (act === 'pay') {
      orders += 1
      const biz = { out_trade_no: `o${orders}`, total_amount: '9.99', subject: 's', product_code: 'QUICK_WAP_WAY' }
      const payUrl = target('alipay.trade.wap.pay', biz, { notify_url: 'http://127.0.0.1:1/n' })
      await playBuyer(engine, gateway, {
        payUrl,
        outcome: wishes.pick(['paid', 'paid', 'tab_closed', 'wrong_password']),
      }).catch(() => undefined)
    } else if (act === 'refund') {
      const amount = wishes.pick(['1', '2.5', '9.99'])
      await ask('alipay.trade.refund', { out_trade_no: no, refund_amount: amount, out_request_no: `r${done}` })
    } else {
      await ask(`alipay.trade.${act}`, { out_trade_no: no })
    }
    // No two things fall due at one instant: what leaves at once arrives in whatever order the network likes.
    const ms = 1 + Number(wishes.digits()) / 20
    await engine.scheduler.advanceTo((now) => now + Math.floor(ms))
  }
  await engine.stop()
  return lines.join('\n')
}

describe('a run with a seed (SBX-65)', () => {
  test('SBX-65 1,000 operations with seed 7 twice: identical journals, and another seed is another run', async () => {
    const first = await journalOf(7, 1000)
    expect(first).toContain('fault_used')
    expect(first).toContain('fault_spared')
    expect(first).toContain('trade_refunded')
    expect(await journalOf(7, 1000)).toBe(first)
    expect(await journalOf(8, 50)).not.toBe(await journalOf(7, 50))
  }, 60_000)
})
