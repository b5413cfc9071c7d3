import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bareEngine } from '../testing/bare-engine.ts'
import { POOR_BUYER, RICH_BUYER } from './accounts.ts'
import { findBuyer } from './cashier-port.ts'
import { checkoutState, logIn, openCheckout, openRefusal, payCheckout, quitCheckout } from './checkouts.ts'
import type { SandboxEvent } from './events.ts'
import type { Journal } from './journal.ts'
import type { Checkout, TradeStatus } from './model.ts'
import { refundTrade } from './refunds.ts'
import { takeSnapshot } from './snapshot.ts'
import { closeTrade, findByOutTradeNo } from './trades.ts'

const AMOUNT_FEN = 1000
const EXPIRY_MS = 60 * 60_000
const WINDOW_MS = 365 * 86_400_000

type Step =
  | { readonly do: 'open' | 'quit' | 'close' }
  | { readonly do: 'pay'; readonly buyer: string; readonly password: string }
  | { readonly do: 'refund'; readonly amountFen: number; readonly no: string }
  | { readonly do: 'wait'; readonly ms: number }

const aStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('open', 'quit', 'close' as const) }) as fc.Arbitrary<Step>,
  fc.record({
    do: fc.constant('pay' as const),
    buyer: fc.constantFrom(RICH_BUYER, RICH_BUYER, POOR_BUYER),
    password: fc.constantFrom('111111', '111111', '000000'),
  }),
  fc.record({
    do: fc.constant('refund' as const),
    amountFen: fc.constantFrom(1, 400, 1000),
    no: fc.constantFrom('a', 'b', 'c'),
  }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1000, EXPIRY_MS / 2, EXPIRY_MS, WINDOW_MS) }),
)

/** What the rules of the protocol say, kept as simply as possible and apart from the engine. */
class Model {
  now = 0
  status: TradeStatus | undefined
  owner: string | undefined
  expiresAt = 0
  paidAt = 0
  refunded = new Map<string, number>()
  wrongTries = new Map<string, number>()
  lockedUntil = new Map<string, number>()

  get refundedFen() {
    return [...this.refunded.values()].reduce((sum, part) => sum + part, 0)
  }

  wait(ms: number) {
    this.now += ms
    if (this.status === 'WAIT_BUYER_PAY' && this.now >= this.expiresAt) this.status = 'TRADE_CLOSED'
    if (this.status === 'TRADE_SUCCESS' && this.now >= this.paidAt + WINDOW_MS) this.status = 'TRADE_FINISHED'
  }

  pay(buyer: string, right: boolean, pageExpiresAt: number) {
    if ((this.lockedUntil.get(buyer) ?? 0) > this.now) return
    if (this.owner !== undefined && this.owner !== buyer) return
    if (this.status !== undefined && this.status !== 'WAIT_BUYER_PAY') return
    if (this.status === undefined) {
      this.status = 'WAIT_BUYER_PAY'
      this.owner = buyer
      this.expiresAt = pageExpiresAt
    }
    const tries = right ? 0 : (this.wrongTries.get(buyer) ?? 0) + 1
    this.wrongTries.set(buyer, tries % 5)
    if (tries === 5) this.lockedUntil.set(buyer, this.now + 3 * 3_600_000)
    if (!right || buyer === POOR_BUYER) return
    this.status = 'TRADE_SUCCESS'
    this.paidAt = this.now
  }

  refund(no: string, amountFen: number) {
    if (this.status !== 'TRADE_SUCCESS' || this.refunded.has(no)) return
    if (this.refundedFen + amountFen > AMOUNT_FEN) return
    this.refunded.set(no, amountFen)
    if (this.refundedFen === AMOUNT_FEN) this.status = 'TRADE_CLOSED'
  }
}

describe('states of a trade', () => {
  test('SBX-26 SBX-28 SBX-32 10,000 random lives of a number: engine and model agree, and the books balance', () => {
    const { engine, clock, app } = bareEngine()
    let count = 0
    const seen = new Set<TradeStatus | undefined>()
    fc.assert(
      fc.property(fc.array(aStep, { minLength: 1, maxLength: 14 }), (steps) => {
        count += 1
        const outTradeNo = `n${count}`
        const model = new Model()
        let page: { checkout: Checkout; expiresAt: number } | undefined
        for (const account of engine.state.accounts.values()) {
          engine.store.commit({ type: 'pay_password_accepted', at: engine.clock.nowMs(), accountId: account.id })
        }
        for (const step of steps) {
          const at = engine.settledNow()
          const trade = findByOutTradeNo(engine, app.sellerId, outTradeNo)
          const order = { outTradeNo, product: 'wap', amountFen: AMOUNT_FEN, subject: 's' } as const
          if (step.do === 'wait') {
            clock.move(step.ms)
            model.wait(step.ms)
          } else if (step.do === 'open') {
            const refused = openRefusal(engine, app.sellerId, order) !== undefined
            expect(refused).toBe(model.status !== undefined && model.status !== 'WAIT_BUYER_PAY')
            if (!refused) {
              const wish = { appId: app.id, sellerId: app.sellerId, order, charset: 'utf-8', expiresAt: at + EXPIRY_MS }
              const { id } = openCheckout(engine, wish, at)
              const checkout = engine.state.checkouts.get(id)
              if (checkout) page = { checkout, expiresAt: model.now + EXPIRY_MS }
            }
          } else if (step.do === 'quit' && page && checkoutState(engine, page.checkout, at) === 'confirm') {
            quitCheckout(engine, page.checkout, at)
          } else if (step.do === 'close' && trade?.status === 'WAIT_BUYER_PAY') {
            closeTrade(engine, trade, 'merchant', at)
            model.status = 'TRADE_CLOSED'
          } else if (
            step.do === 'pay' &&
            page &&
            ['login', 'confirm'].includes(checkoutState(engine, page.checkout, at))
          ) {
            const buyer = findBuyer(engine, step.buyer)
            if (buyer && !logIn(engine, page.checkout, buyer, at)) {
              payCheckout(engine, page.checkout, buyer, { password: step.password, via: 'browser' }, at)
              model.pay(step.buyer, step.password === '111111', page.expiresAt)
            }
          } else if (step.do === 'refund' && trade) {
            refundTrade(engine, trade, { outRequestNo: step.no, amountFen: step.amountFen }, at)
            model.refund(step.no, step.amountFen)
          }
          engine.settledNow()
          const after = findByOutTradeNo(engine, app.sellerId, outTradeNo)
          expect(after?.status).toBe(model.status)
          seen.add(after?.status)
          expect(after?.refundedFen ?? 0).toBe(model.refundedFen)
          const sum = [...engine.state.balances.values()].reduce((total, fen) => total + fen, 0)
          expect(sum).toBe(0)
        }
      }),
      { numRuns: 10_000 },
    )
    expect(seen.size).toBe(5)
  })

  test('SBX-59 replaying the journal gives the very state that was lived, also after a compaction', () => {
    const written: SandboxEvent[] = []
    const journal: Journal = {
      append: (events) => void written.push(...(JSON.parse(JSON.stringify(events)) as SandboxEvent[])),
      durable: async () => {},
      close: async () => {},
    }
    const { engine, clock, app } = bareEngine(journal)
    const buyer = findBuyer(engine, RICH_BUYER)
    for (let index = 0; index < 20 && buyer; index += 1) {
      const at = engine.settledNow()
      const order = {
        outTradeNo: `r${index}`,
        product: index % 2 === 0 ? 'wap' : 'page',
        amountFen: 999,
        subject: 's',
      } as const
      const wish = { appId: app.id, sellerId: app.sellerId, order, charset: 'utf-8', expiresAt: at + EXPIRY_MS }
      const checkout = engine.state.checkouts.get(
        openCheckout(engine, { ...wish, notifyUrl: 'http://127.0.0.1:1/' }, at).id,
      )
      if (!checkout) throw new Error('no checkout')
      logIn(engine, checkout, buyer, at)
      if (index % 3 !== 0) payCheckout(engine, checkout, buyer, { password: '111111', via: 'browser' }, at)
      const trade = findByOutTradeNo(engine, app.sellerId, order.outTradeNo)
      if (trade) refundTrade(engine, trade, { outRequestNo: 'x', amountFen: index % 4 === 0 ? 999 : 100 }, at)
      clock.move(10 * 60_000)
    }
    const lived = JSON.stringify(takeSnapshot(engine.state))
    const replayed = bareEngine(undefined, written).engine.state
    expect(JSON.stringify(takeSnapshot(replayed))).toBe(lived)
    const snapshot: SandboxEvent = { type: 'snapshot', at: replayed.latestAt, state: JSON.parse(lived) }
    expect(JSON.stringify(takeSnapshot(bareEngine(undefined, [snapshot]).engine.state))).toBe(lived)
  })
})
