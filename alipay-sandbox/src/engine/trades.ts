import { nextBeijingMidnight } from './beijing.ts'
import type { Engine } from './engine.ts'
import { type FeePolicy, feeOn } from './fees.ts'
import { tradeNo } from './ids.ts'
import type { Checkout, ExpressTimeout, Instant, OrderData, Trade } from './model.ts'
import { tradeKey } from './model.ts'
import { queueNotify } from './notify-message.ts'
import type { Emit } from './store.ts'

const DAY_MS = 86_400_000
/** A wap payment that asks for less is given five minutes. */
const LEAST_WAP_EXPRESS_MS = 5 * 60_000

/** The trade behind a merchant's number, if the buyer has acted. */
export function findByOutTradeNo(engine: Engine, sellerId: string, outTradeNo: string): Trade | undefined {
  const no = engine.state.tradeNumbers.get(tradeKey(sellerId, outTradeNo))
  return no === undefined ? undefined : engine.state.trades.get(no)
}

/** As every server API looks a trade up: `trade_no` wins, and another seller's trade does not exist. */
export function findTrade(
  engine: Engine,
  sellerId: string,
  by: { tradeNo?: string; outTradeNo?: string },
): Trade | undefined {
  const trade =
    by.tradeNo === undefined
      ? findByOutTradeNo(engine, sellerId, by.outTradeNo ?? '')
      : engine.state.trades.get(by.tradeNo)
  return trade?.sellerId === sellerId ? trade : undefined
}

/** Whether a second opening of a number asks for the same thing. */
export function sameOrder(a: OrderData, b: OrderData): boolean {
  return a.product === b.product && a.amountFen === b.amountFen && a.subject === b.subject && a.body === b.body
}

/** Ends of a `timeout_express` that counts from `from`. */
export function expressEnd(from: Instant, express: ExpressTimeout): Instant {
  return express === 'end_of_day' ? nextBeijingMidnight(new Date(from)).getTime() : from + express
}

/** Makes the trade of an open checkout, as its buyer has just acted. */
export function createTrade(engine: Engine, emit: Emit, checkout: Checkout, at: Instant): Trade {
  const { expressFromConfirm: express } = checkout
  const atLeast = typeof express === 'number' ? Math.max(express, LEAST_WAP_EXPRESS_MS) : express
  const no = tradeNo(engine.state.serial, new Date(at), engine.random)
  emit({
    type: 'trade_created',
    at,
    trade: {
      tradeNo: no,
      appId: checkout.appId,
      sellerId: checkout.sellerId,
      order: checkout.order,
      charset: checkout.charset,
      ...(checkout.alipayCertSn !== undefined && { alipayCertSn: checkout.alipayCertSn }),
      ...(checkout.passbackParams !== undefined && { passbackParams: checkout.passbackParams }),
      ...(checkout.storeId !== undefined && { storeId: checkout.storeId }),
      ...(checkout.notifyUrl !== undefined && { notifyUrl: checkout.notifyUrl }),
      ...(checkout.buyerId !== undefined && { buyerId: checkout.buyerId }),
      createdAt: at,
      expiresAt: atLeast === undefined ? checkout.expiresAt : expressEnd(at, atLeast),
      status: 'WAIT_BUYER_PAY',
      feeFen: 0,
      feeBackFen: 0,
      refundedFen: 0,
      refunds: [],
    },
  })
  const trade = mustHave(engine, no)
  queueNotify(engine, emit, trade, 'created', at)
  return trade
}

/** Moves the money. The caller has checked status, expiry, password and balance in this same turn. */
export function payTrade(engine: Engine, emit: Emit, trade: Trade, buyerId: string, at: Instant): void {
  const feeFen = feeOn(trade.order.amountFen, feePolicyOf(engine, trade.sellerId))
  const refundableUntil = at + engine.state.settings.refund_window_days * DAY_MS
  emit({ type: 'trade_paid', at, tradeNo: trade.tradeNo, buyerId, feeFen, refundableUntil })
  queueNotify(engine, emit, trade, 'paid', at)
}

export function closeTrade(engine: Engine, trade: Trade, by: 'expiry' | 'merchant' | 'console', at: Instant): void {
  engine.store.transact((emit) => {
    emit({ type: 'trade_closed', at, tradeNo: trade.tradeNo, by })
    queueNotify(engine, emit, trade, 'closed', at)
  })
}

/** At `time_expire`: whatever is unpaid then is closed. */
export function closeExpiredTrade(engine: Engine, no: string): void {
  const trade = engine.state.trades.get(no)
  if (trade?.status === 'WAIT_BUYER_PAY')
    closeTrade(engine, trade, 'expiry', transitionInstant(engine, trade.expiresAt))
}

/** At the end of the refund window. */
export function finishTrade(engine: Engine, no: string): void {
  const trade = engine.state.trades.get(no)
  if (trade?.status !== 'TRADE_SUCCESS' || trade.refundableUntil === undefined) return
  const at = transitionInstant(engine, trade.refundableUntil)
  engine.store.transact((emit) => {
    emit({ type: 'trade_finished', at, tradeNo: no })
    queueNotify(engine, emit, trade, 'finished', at)
  })
}

/** The due instant itself, also when the process slept through it; never a future one. */
const transitionInstant = (engine: Engine, dueAt: Instant): Instant => Math.min(dueAt, engine.clock.nowMs())

function feePolicyOf(engine: Engine, sellerId: string): FeePolicy {
  const policy = { ...engine.state.settings, ...engine.state.accounts.get(sellerId)?.fee }
  return { rate: policy.fee_rate, rounding: policy.fee_rounding, minFen: policy.fee_min_fen }
}

function mustHave(engine: Engine, no: string): Trade {
  const trade = engine.state.trades.get(no)
  if (!trade) throw new Error(`no trade ${no}`)
  return trade
}
