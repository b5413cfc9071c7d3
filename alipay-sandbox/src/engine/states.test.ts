import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bareEngine } from '../testing/bare-engine.ts'
import { POOR_BUYER, RICH_BUYER } from './accounts.ts'
import { findBuyer } from './cashier-port.ts'
import { checkoutState, logIn, openCheckout, openRefusal, payCheckout, quitCheckout } from './checkouts.ts'
import type { SandboxEvent } from './events.ts'
import { ActRefused, closeByConsole, finishByConsole } from './forced-acts.ts'
import type { Journal } from './journal.ts'
import { type Checkout, FEE_ACCOUNT, type TradeStatus } from './model.ts'
import { refundTrade } from './refunds.ts'
import { takeSnapshot } from './snapshot.ts'
import { closeTrade, findByOutTradeNo } from './trades.ts'

const AMOUNT_FEN = 1000
const FEE_FEN = 6
const EXPIRY_MS = 60 * 60_000
const WINDOW_MS = 365 * 86_400_000
const LOCK_MS = 3 * 3_600_000

type Step =
  | { readonly do: 'open' | 'quit' | 'close' | 'console_close' | 'console_finish' }
  | { readonly do: 'pay'; readonly buyer: string; readonly password: string }
  | { readonly do: 'refund'; readonly amountFen: number; readonly no: string }
  | { readonly do: 'wait'; readonly ms: number }

const aStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'open' }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ do: 'quit' }, { do: 'close' }, { do: 'console_close' }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ do: 'console_finish' }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('pay' as const),
      buyer: fc.constantFrom(RICH_BUYER, RICH_BUYER, RICH_BUYER, POOR_BUYER),
      password: fc.constantFrom('111111', '111111', '000000'),
    }),
  },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'pay', buyer: RICH_BUYER, password: '000000' }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('refund' as const),
      amountFen: fc.constantFrom(1, 333, 400, 1000),
      no: fc.constantFrom('a', 'b', 'c'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(1000, EXPIRY_MS / 2, EXPIRY_MS, WINDOW_MS),
    }),
  },
)

/** What the rules of the protocol say about one number, kept as simply as possible and apart from the engine. */
class Model {
  now = 0
  status: TradeStatus | undefined
  owner: string | undefined
  page: 'none' | 'open' | 'ended' = 'none'
  pageEnds = 0
  tradeEnds = 0
  windowEnds = 0
  refunds = new Map<string, number>()
  tries = new Map<string, number>()
  lockedUntil = new Map<string, number>()
  readonly keepsFee: boolean

  constructor(keepsFee: boolean) {
    this.keepsFee = keepsFee
  }

  get refundedFen() {
    return [...this.refunds.values()].reduce((sum, part) => sum + part, 0)
  }

  /** What the seller has of all this, and the gateway. */
  get sellerFen() {
    return this.windowEnds === 0 ? 0 : AMOUNT_FEN - this.refundedFen - this.feeFen
  }

  get feeFen() {
    if (this.windowEnds === 0) return 0
    return this.keepsFee ? FEE_FEN : FEE_FEN - Math.floor((FEE_FEN * this.refundedFen) / AMOUNT_FEN)
  }

  wait(ms: number) {
    this.now += ms
    if (this.status === 'WAIT_BUYER_PAY' && this.now >= this.tradeEnds) this.status = 'TRADE_CLOSED'
    if (this.status === 'TRADE_SUCCESS' && this.now >= this.windowEnds) this.status = 'TRADE_FINISHED'
  }

  open(): 'opened' | 'refused' {
    if (this.status !== undefined && this.status !== 'WAIT_BUYER_PAY') return 'refused'
    this.page = 'open'
    this.pageEnds = this.now + EXPIRY_MS
    return 'opened'
  }

  get payable() {
    if (this.page !== 'open') return false
    if (this.status === undefined) return this.now < this.pageEnds
    return this.status === 'WAIT_BUYER_PAY'
  }

  pay(buyer: string, right: boolean): string {
    if (this.owner !== undefined && this.owner !== buyer) return 'refused'
    if ((this.lockedUntil.get(buyer) ?? 0) > this.now) return 'locked'
    if (this.status === undefined) {
      this.status = 'WAIT_BUYER_PAY'
      this.owner = buyer
      this.tradeEnds = this.pageEnds
    }
    const tries = right ? 0 : (this.tries.get(buyer) ?? 0) + 1
    this.tries.set(buyer, tries % 5)
    if (tries === 5) this.lockedUntil.set(buyer, this.now + LOCK_MS)
    if (!right) return tries === 5 ? 'locked' : 'wrong_password'
    if (buyer === POOR_BUYER) return 'balance_short'
    this.status = 'TRADE_SUCCESS'
    this.page = 'ended'
    this.windowEnds = this.now + WINDOW_MS
    return 'paid'
  }

  close(): string {
    if (this.status !== 'WAIT_BUYER_PAY') return 'refused'
    this.status = 'TRADE_CLOSED'
    return 'closed'
  }

  finish(): string {
    if (this.status !== 'TRADE_SUCCESS') return 'refused'
    this.status = 'TRADE_FINISHED'
    return 'finished'
  }

  refund(no: string, amountFen: number): string {
    const earlier = this.refunds.get(no)
    if (earlier !== undefined) return earlier === amountFen ? 'repeated' : 'ACQ.DISCORDANT_REPEAT_REQUEST'
    if (this.status === 'WAIT_BUYER_PAY') return 'ACQ.TRADE_STATUS_ERROR'
    if (this.status === 'TRADE_CLOSED') return 'ACQ.TRADE_HAS_CLOSE'
    if (this.status === 'TRADE_FINISHED') return 'ACQ.TRADE_HAS_FINISHED'
    if (this.refundedFen + amountFen > AMOUNT_FEN) return 'ACQ.REASON_TRADE_REFUND_FEE_ERR'
    this.refunds.set(no, amountFen)
    if (this.refundedFen === AMOUNT_FEN) this.status = 'TRADE_CLOSED'
    return 'moved'
  }
}

/** The engine under test, driven by the same steps. */
class Driven {
  readonly #bare = bareEngine()
  readonly engine = this.#bare.engine
  readonly #sellerId = this.#bare.app.sellerId
  #outTradeNo = ''
  #page: Checkout | undefined

  begin(outTradeNo: string, keepsFee: boolean) {
    this.#outTradeNo = outTradeNo
    this.#page = undefined
    const at = this.engine.clock.nowMs()
    for (const { id } of this.engine.state.accounts.values()) {
      this.engine.store.commit({ type: 'pay_password_accepted', at, accountId: id })
    }
    const patch = { refund_fee_policy: keepsFee ? 'keep' : 'proportional' } as const
    this.engine.store.commit({ type: 'settings_changed', at, patch })
  }

  get trade() {
    return findByOutTradeNo(this.engine, this.#sellerId, this.#outTradeNo)
  }

  get feeAndSellerFen() {
    const { balances } = this.engine.state
    return [balances.get(FEE_ACCOUNT) ?? 0, balances.get(this.#sellerId) ?? 0] as const
  }

  get sumFen() {
    let sum = 0
    for (const fen of this.engine.state.balances.values()) sum += fen
    return sum
  }

  get payable() {
    return this.#page && ['login', 'confirm'].includes(checkoutState(this.engine, this.#page, this.engine.settledNow()))
  }

  do(step: Step): string | undefined {
    const { engine, trade } = this
    const at = engine.settledNow()
    switch (step.do) {
      case 'wait':
        this.#bare.clock.move(step.ms)
        return undefined
      case 'open':
        return this.#open(at)
      case 'quit':
        if (this.#page) quitCheckout(engine, this.#page, at)
        return undefined
      case 'close':
        if (trade?.status !== 'WAIT_BUYER_PAY') return 'refused'
        closeTrade(engine, trade, 'merchant', at)
        return 'closed'
      case 'console_close':
        return trade && (allowed(() => closeByConsole(engine, trade)) ? 'closed' : 'refused')
      case 'console_finish':
        return trade && (allowed(() => finishByConsole(engine, trade)) ? 'finished' : 'refused')
      case 'pay':
        return this.#pay(step.buyer, step.password, at)
      case 'refund': {
        if (!trade) return undefined
        const outcome = refundTrade(engine, trade, { outRequestNo: step.no, amountFen: step.amountFen }, at)
        if (outcome.kind === 'refused') return outcome.code
        return outcome.moved ? 'moved' : 'repeated'
      }
    }
  }

  #open(at: number): string {
    const order = { outTradeNo: this.#outTradeNo, product: 'wap', amountFen: AMOUNT_FEN, subject: 's' } as const
    if (openRefusal(this.engine, this.#sellerId, order)) return 'refused'
    const [app] = this.engine.state.apps.values()
    const wish = { appId: app?.id ?? '', sellerId: this.#sellerId, order, charset: 'utf-8', expiresAt: at + EXPIRY_MS }
    this.#page = this.engine.state.checkouts.get(openCheckout(this.engine, wish, at).id)
    return 'opened'
  }

  #pay(logonId: string, password: string, at: number): string | undefined {
    const buyer = findBuyer(this.engine, logonId)
    if (!buyer || !this.#page) return undefined
    if (logIn(this.engine, this.#page, buyer, at)) return 'refused'
    return payCheckout(this.engine, this.#page, buyer, { password, via: 'browser' }, at).kind
  }
}

function allowed(act: () => void): boolean {
  try {
    act()
    return true
  } catch (error) {
    if (error instanceof ActRefused) return false
    throw error
  }
}

/** What the model says about a step; nothing where the step means nothing in this state. */
function foretold(model: Model, step: Step): string | undefined {
  switch (step.do) {
    case 'wait':
      model.wait(step.ms)
      return undefined
    case 'open':
      return model.open()
    case 'quit':
      model.page = 'ended'
      return undefined
    case 'close':
      return model.close()
    case 'console_close':
      return model.status && model.close()
    case 'console_finish':
      return model.status && model.finish()
    case 'pay':
      return model.pay(step.buyer, step.password === '111111')
    case 'refund':
      return model.status && model.refund(step.no, step.amountFen)
  }
}

describe('states of a trade', () => {
  test('SBX-26 SBX-28 SBX-32 10,000 random lives of a number: engine and model agree, and the books balance', () => {
    const driven = new Driven()
    let count = 0
    const seen = new Set<string | undefined>()
    // Compared by hand: a quarter of a million calls of expect would take most of the time.
    const same = (actual: unknown, expected: unknown, what: string) => {
      if (actual !== expected) throw new Error(`${what}: the engine says ${actual}, the model ${expected}`)
    }
    fc.assert(
      fc.property(fc.array(aStep, { minLength: 4, maxLength: 40 }), (steps) => {
        count += 1
        const keepsFee = count % 2 === 0
        const model = new Model(keepsFee)
        driven.begin(`n${count}`, keepsFee)
        const [feeBefore, sellerBefore] = driven.feeAndSellerFen
        for (const step of steps) {
          same(driven.payable ?? false, model.payable, 'payable')
          // Only a page that is open can be paid or left; what the pages refuse is tested with them.
          if ((step.do === 'pay' || step.do === 'quit') && !model.payable) continue
          const expected = foretold(model, step)
          same(driven.do(step), expected, step.do)
          driven.engine.settledNow()
          const { trade } = driven
          same(trade?.status, model.status, 'status')
          same(trade?.refundedFen ?? 0, model.refundedFen, 'refunded')
          const [fee, seller] = driven.feeAndSellerFen
          same(fee - feeBefore, model.feeFen, 'fee')
          same(seller - sellerBefore, model.sellerFen, "the seller's balance")
          same(driven.sumFen, 0, 'sum of all balances')
          seen.add(model.status).add(expected)
        }
      }),
      { numRuns: 10_000, seed: 26 },
    )
    for (const reached of [
      'WAIT_BUYER_PAY',
      'TRADE_SUCCESS',
      'TRADE_FINISHED',
      'TRADE_CLOSED',
      'paid',
      'locked',
      'wrong_password',
      'balance_short',
      'repeated',
      'ACQ.DISCORDANT_REPEAT_REQUEST',
      'ACQ.TRADE_STATUS_ERROR',
      'ACQ.TRADE_HAS_CLOSE',
      'ACQ.TRADE_HAS_FINISHED',
      'ACQ.REASON_TRADE_REFUND_FEE_ERR',
    ]) {
      expect(seen).toContain(reached)
    }
  }, 60_000)

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
