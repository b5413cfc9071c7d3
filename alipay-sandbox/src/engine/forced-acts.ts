import type { Engine } from './engine.ts'
import type { Trade } from './model.ts'
import { type RefundRefusal, refundTrade } from './refunds.ts'
import { closeTrade, finishTrade } from './trades.ts'

/** What a seller does by hand in Alipay's console. The merchant's program did not ask for it and hears of it by notify. */

export interface ConsoleRefund {
  /** The rest of the trade by default. */
  readonly amountFen?: number
  /** A number that the merchant's program has never seen, by default. */
  readonly outRequestNo?: string
  readonly reason?: string
}

/** The trade is not in a state in which this can be done. */
export class ActRefused extends Error {
  override readonly name = 'ActRefused'
  readonly code: RefundRefusal | 'NOT_WAITING' | 'NOT_PAID' | 'ALREADY_REFUNDED'

  constructor(code: ActRefused['code'], text: string) {
    super(`${code}: ${text}`)
    this.code = code
  }
}

export function refundByConsole(engine: Engine, trade: Trade, wish: ConsoleRefund): void {
  const at = engine.settledNow()
  const amountFen = wish.amountFen ?? trade.order.amountFen - trade.refundedFen
  const outRequestNo = wish.outRequestNo ?? `console_${engine.random.bytes(8).toString('hex')}`
  const { reason } = wish
  const outcome = refundTrade(
    engine,
    trade,
    { outRequestNo, amountFen, ...(reason !== undefined && { reason }) },
    at,
    'console',
  )
  if (outcome.kind === 'refused') throw new ActRefused(outcome.code, `${trade.order.outTradeNo} is ${trade.status}`)
  if (!outcome.moved) throw new ActRefused('ALREADY_REFUNDED', `${outRequestNo} was refunded before`)
}

/** Closes a trade that waits for its buyer. */
export function closeByConsole(engine: Engine, trade: Trade): void {
  const at = engine.settledNow()
  if (trade.status !== 'WAIT_BUYER_PAY') {
    throw new ActRefused('NOT_WAITING', `${trade.order.outTradeNo} is ${trade.status}; only an unpaid trade is closed`)
  }
  closeTrade(engine, trade, 'console', at)
}

/** Ends the refund window of a paid trade now. */
export function finishByConsole(engine: Engine, trade: Trade): void {
  engine.settledNow()
  if (trade.status !== 'TRADE_SUCCESS') {
    throw new ActRefused('NOT_PAID', `${trade.order.outTradeNo} is ${trade.status}; only a paid trade is finished`)
  }
  finishTrade(engine, trade.tradeNo)
}
