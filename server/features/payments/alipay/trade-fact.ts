import { fenFromYuanText } from '@ihome/core/money'
import type { TradeFact } from '../provider.ts'

/**
 * Reads what a notification or a query answer says about a trade; undefined when it does not even name one with an
 * amount. A status we have never met is `unknown`, and never money.
 */
export function tradeFactOf(field: (name: string) => string | undefined): TradeFact | undefined {
  const outTradeNo = field('out_trade_no')
  const status = field('trade_status')
  const amountFen = fenFromYuanText(field('total_amount') ?? '')
  if (!outTradeNo || !status || amountFen === undefined) return undefined
  const refund = refundOf(field, status, amountFen)
  return {
    outTradeNo,
    tradeNo: field('trade_no'),
    money: refund ? 'paid' : moneyOf(status),
    status,
    amountFen,
    finished: status === 'TRADE_FINISHED',
    refund,
  }
}

function moneyOf(status: string): TradeFact['money'] {
  if (status === 'TRADE_SUCCESS' || status === 'TRADE_FINISHED') return 'paid'
  if (status === 'TRADE_CLOSED') return 'closed'
  return status === 'WAIT_BUYER_PAY' ? 'waiting' : 'unknown'
}

/**
 * A closed trade was never paid, or paid and refunded in full: the refund fields of a notification tell which. A query
 * answer has none, and there the time of payment is the only sign that there was a payment.
 */
function refundOf(field: (name: string) => string | undefined, status: string, amountFen: number): TradeFact['refund'] {
  const total = field('refund_fee')
  if (total !== undefined || field('gmt_refund') !== undefined) {
    return { totalFen: fenFromYuanText(total ?? ''), outRequestNo: field('out_biz_no') }
  }
  const refundedInFull = status === 'TRADE_CLOSED' && field('send_pay_date') !== undefined
  return refundedInFull ? { totalFen: amountFen, outRequestNo: undefined } : undefined
}
