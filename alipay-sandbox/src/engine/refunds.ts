import type { Engine } from './engine.ts'
import { feeBackOn } from './fees.ts'
import type { Instant, Refund, Trade } from './model.ts'
import { queueNotify } from './notify-message.ts'

/** The documents ask for this pause between two refunds of one trade. */
const LEAST_INTERVAL_MS = 3000

export interface RefundWish {
  readonly outRequestNo: string
  readonly amountFen: number
  readonly reason?: string
}

export type RefundRefusal =
  | 'ACQ.TRADE_STATUS_ERROR'
  | 'ACQ.TRADE_HAS_CLOSE'
  | 'ACQ.TRADE_HAS_FINISHED'
  | 'ACQ.DISCORDANT_REPEAT_REQUEST'
  | 'ACQ.REASON_TRADE_REFUND_FEE_ERR'
  | 'ACQ.SELLER_BALANCE_NOT_ENOUGH'
  | 'ACQ.REFUND_FEE_ERROR'
  | 'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL'
  | 'ACQ.TRADE_NOT_ALLOW_REFUND'

export type RefundOutcome =
  | { readonly kind: 'done'; readonly refund: Refund; readonly moved: boolean }
  | { readonly kind: 'refused'; readonly code: RefundRefusal }

/**
 * Gives money back, once per (trade, number): a repeat with the same amount moves nothing, with another amount it is
 * refused. The repeat is recognised before the state is looked at, since the first call may have closed the trade.
 */
export function refundTrade(
  engine: Engine,
  trade: Trade,
  wish: RefundWish,
  at: Instant,
  by: 'api' | 'console' = 'api',
): RefundOutcome {
  if (by === 'api') {
    const limit = officialLimit(engine, trade, wish, at)
    if (limit) return { kind: 'refused', code: limit }
  }
  const earlier = trade.refunds.find((refund) => refund.outRequestNo === wish.outRequestNo)
  if (earlier) {
    if (earlier.amountFen !== wish.amountFen) return { kind: 'refused', code: 'ACQ.DISCORDANT_REPEAT_REQUEST' }
    return { kind: 'done', refund: earlier, moved: false }
  }
  const refusal = refusalOf(engine, trade, wish, at)
  if (refusal) return { kind: 'refused', code: refusal }

  const { amountFen } = wish
  const { refund_fee_policy } = engine.state.settings
  const feeBackFen =
    refund_fee_policy === 'keep'
      ? 0
      : feeBackOn(amountFen, { amountFen: trade.order.amountFen, feeFen: trade.feeFen, refundedFen: trade.refundedFen })
  const refund: Refund = {
    outRequestNo: wish.outRequestNo,
    amountFen,
    feeBackFen,
    cumulativeFen: trade.refundedFen + amountFen,
    at,
    ...(wish.reason !== undefined && { reason: wish.reason }),
    ...(by === 'console' && { by }),
  }
  engine.store.transact((emit) => {
    emit({ type: 'trade_refunded', at, tradeNo: trade.tradeNo, refund })
    queueNotify(engine, emit, trade, 'refunded', at, refund)
  })
  return { kind: 'done', refund, moved: true }
}

function refusalOf(engine: Engine, trade: Trade, wish: RefundWish, at: Instant): RefundRefusal | undefined {
  if (trade.status === 'WAIT_BUYER_PAY') return 'ACQ.TRADE_STATUS_ERROR'
  if (trade.status === 'TRADE_CLOSED') return 'ACQ.TRADE_HAS_CLOSE'
  if (trade.status === 'TRADE_FINISHED') return 'ACQ.TRADE_HAS_FINISHED'
  if (wish.amountFen > trade.order.amountFen - trade.refundedFen) return 'ACQ.REASON_TRADE_REFUND_FEE_ERR'
  if ((engine.state.balances.get(trade.sellerId) ?? 0) < wish.amountFen) return 'ACQ.SELLER_BALANCE_NOT_ENOUGH'
  return tooSoon(engine, trade, at)
}

function tooSoon(engine: Engine, trade: Trade, at: Instant): RefundRefusal | undefined {
  const { refund_interval } = engine.state.settings
  const last = trade.refunds.at(-1)
  if (!last || refund_interval === 'off' || at - last.at >= LEAST_INTERVAL_MS) return undefined
  if (refund_interval === 'reject') return 'ACQ.REFUND_FEE_ERROR'
  engine.warn(`two refunds of ${trade.order.outTradeNo} within 3 s; the real gateway asks for a pause`)
  return undefined
}

/** The official sandbox takes one refund call per trade, successful or not, and only over the whole amount. */
function officialLimit(engine: Engine, trade: Trade, wish: RefundWish, at: Instant): RefundRefusal | undefined {
  if (!engine.state.settings.official_sandbox_limits || trade.paidAt === undefined) return undefined
  if (trade.refunds.length > 0 || trade.refusedRefunds !== undefined) return 'ACQ.TRADE_NOT_ALLOW_REFUND'
  if (wish.amountFen === trade.order.amountFen) return undefined
  engine.store.commit({ type: 'trade_refund_refused', at, tradeNo: trade.tradeNo })
  return 'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL'
}
