import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AlipaySandbox, NotifyView, StateView } from './index.ts'
import { cli } from './testing/cli.ts'
import { commonParams, payUrl, readAnswer, signRequest } from './testing/merchant.ts'
import { buildProgram, startProgram } from './testing/program.ts'
import { fieldsOf, startReceiver } from './testing/receiver.ts'
import { seenFromOutside } from './testing/started-program.ts'

/** 200 with ALIPAY_SANDBOX_FULL=1, which takes minutes. */
const ROUNDS = process.env.ALIPAY_SANDBOX_FULL === '1' ? 200 : 8
const LANES = 4

let program: string
let home: string
beforeAll(async () => {
  program = await buildProgram()
  home = await mkdtemp(join(tmpdir(), 'alipay-sandbox-kill-'))
}, 60_000)
afterAll(async () => {
  await rm(home, { recursive: true, force: true })
})

/** What the sandbox said yes to, and the notify events that were seen before each kill. */
interface Noted {
  readonly paid: string[]
  readonly refunded: string[]
  /** `out_trade_no kind` → notify_id. */
  readonly events: Map<string, string>
  /** Called after every acknowledgement. */
  acknowledged(): void
}

describe('kill -9 under load', () => {
  test(
    `SBX-59 SBX-35 ${ROUNDS} times: whatever was acknowledged is there, the sums are 0, no event is lost or renumbered`,
    async () => {
      const directory = join(home, 'data')
      const receiver = await startReceiver()
      const noted: Noted = { paid: [], refunded: [], events: new Map(), acknowledged: () => undefined }
      for (let round = 0; round < ROUNDS; round += 1) {
        const running = await startProgram(program, '--data', directory)
        const sandbox = await seenFromOutside(running)
        // In turn: a merchant that answers, and one that never does, so that retries are cut off too.
        receiver.answer((response) => response.end(round % 2 === 0 ? 'success' : 'fail'))
        // After another number of answers every time, while the other lanes are somewhere in the middle.
        let left = 2 + ((round * 5) % 13)
        const enough = new Promise<void>((resolve) => {
          noted.acknowledged = () => {
            left -= 1
            if (left === 0) resolve()
          }
        })
        const load = Array.from({ length: LANES }, (_, lane) => work(sandbox, `r${round}l${lane}`, receiver.url, noted))
        const looking = look(sandbox, noted)
        await enough
        running.child.kill('SIGKILL')
        await running.ended
        await Promise.all([...load, looking])
      }
      receiver.answer((response) => response.end('success'))
      const last = await startProgram(program, '--data', directory)
      const { endpoint } = await seenFromOutside(last)
      await cli('advance', '25h', '--url', endpoint)
      await proveNothingLost(endpoint, noted, receiver.bodies)
      last.child.kill('SIGTERM')
      expect(await last.ended).toBe(0)
      await receiver.stop()
    },
    60_000 + ROUNDS * 10_000,
  )
})

interface TradeOnTheWire {
  readonly trade_no: string
  readonly out_trade_no: string
  readonly status: string
  readonly refunded_fen: number
}

async function proveNothingLost(endpoint: string, noted: Noted, bodies: readonly string[]): Promise<void> {
  const ask = async <T>(path: string) => (await fetch(`${endpoint}/_sandbox/api/v1${path}`)).json() as Promise<T>
  const state = await ask<Record<'sum_fen' | 'counts', unknown> & StateView>('/state')
  expect(state).toMatchObject({ sum_fen: 0, counts: { pending_notifies: 0 } })

  const trades = await allPages<TradeOnTheWire>((page) => ask(`/trades?${page}`), 'trade_no')
  const byNumber = new Map(trades.map((trade) => [trade.out_trade_no, trade]))
  expect(noted.paid.length).toBeGreaterThan(ROUNDS)
  expect(noted.refunded.length).toBeGreaterThan(0)
  for (const no of noted.paid) expect(byNumber.get(no)?.status, no).toBe('TRADE_SUCCESS')
  for (const no of noted.refunded) expect(byNumber.get(no)?.refunded_fen, no).toBe(100)

  const events = await allPages<Record<'notify_id' | 'out_trade_no' | 'kind', string>>(
    (page) => ask(`/deliveries?${page}`),
    'notify_id',
  )
  const known = new Map(events.map((event) => [`${event.out_trade_no} ${event.kind}`, event.notify_id]))
  expect(known.size).toBe(events.length)
  expect(noted.events.size).toBeGreaterThan(0)
  for (const [event, id] of noted.events) expect(known.get(event), event).toBe(id)

  // What the merchant heard, over all lives of the sandbox, carries for each event the one id that it has.
  for (const body of bodies) {
    const { out_trade_no = '', out_biz_no, notify_id = '' } = fieldsOf(body)
    expect(known.get(`${out_trade_no} ${out_biz_no === undefined ? 'paid' : 'refunded'}`)).toBe(notify_id)
  }
  for (const trade of trades) {
    expect(known.has(`${trade.out_trade_no} paid`), trade.out_trade_no).toBe(true)
    if (trade.refunded_fen > 0) expect(known.has(`${trade.out_trade_no} refunded`), trade.out_trade_no).toBe(true)
  }
}

async function allPages<T extends object>(ask: (query: string) => Promise<T[]>, id: keyof T): Promise<T[]> {
  const all: T[] = []
  for (;;) {
    const last = all.at(-1)?.[id]
    const page = await ask(`limit=500${last === undefined ? '' : `&before=${last}`}`)
    all.push(...page)
    if (page.length < 500) return all
  }
}

/** Pays and refunds until the sandbox is gone; notes only what was acknowledged. */
async function work(sandbox: AlipaySandbox, lane: string, notifyUrl: string, noted: Noted): Promise<void> {
  try {
    for (let count = 0; ; count += 1) {
      const no = `${lane}n${count}`
      const pay_url = payUrl(sandbox, { out_trade_no: no }, { notify_url: notifyUrl })
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ pay_url })
      const payment = await fetch(`${sandbox.endpoint}/_sandbox/api/v1/payments`, { method: 'POST', headers, body })
      await payment.text()
      if (payment.ok) {
        noted.paid.push(no)
        noted.acknowledged()
      }
      const biz = { out_trade_no: no, refund_amount: '1', out_request_no: 'back' }
      const params = signRequest(commonParams(sandbox, 'alipay.trade.refund', biz), sandbox.merchant.appPrivateKey)
      const answer = await fetch(sandbox.gatewayUrl, { method: 'POST', body: new URLSearchParams(params) })
      if (readAnswer(await answer.text(), sandbox.merchant.alipayPublicKeyPem).answer.fund_change === 'Y') {
        noted.refunded.push(no)
        noted.acknowledged()
      }
    }
  } catch {
    // The process was killed in the middle: whether this one happened is exactly what nobody knows.
  }
}

/** Notes which events had been delivered, and under which ids, until the sandbox is gone. */
async function look(sandbox: AlipaySandbox, { events }: Noted): Promise<void> {
  try {
    for (;;) {
      const answer = await fetch(`${sandbox.endpoint}/_sandbox/api/v1/deliveries?limit=20`)
      for (const event of (await answer.json()) as (Record<string, string> & Pick<NotifyView, 'deliveries'>)[]) {
        if (event.deliveries.length > 0) events.set(`${event.out_trade_no} ${event.kind}`, event.notify_id ?? '')
      }
      // Only leaves the machine to the load: whatever is seen, however rarely, must be there afterwards.
      await new Promise((resolve) => setTimeout(resolve, 15))
    }
  } catch {
    // Killed, as above.
  }
}
