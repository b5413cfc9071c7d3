import { formatBeijing } from '../engine/beijing.ts'
import { formatYuan } from '../engine/money.ts'
import { type ApiMethod, invalidParameter, namedTrade, optionalText, queryOptions } from './call.ts'

/**
 * alipay.trade.fastpay.refund.query. A number it does not know answers 10000 without any refund data, so a missing
 * `refund_status` is the only sign.
 */
export const refundQuery: ApiMethod = (call) => {
  const outRequestNo = optionalText(call.biz, 'out_request_no', 64)
  if (outRequestNo === undefined) throw invalidParameter('out_request_no')
  const trade = namedTrade(call)
  const refund = trade.refunds.find((one) => one.outRequestNo === outRequestNo)
  if (!refund) return {}
  const options = queryOptions(call.biz)
  const amount = formatYuan(refund.amountFen)
  return {
    ...(options.includes('gmt_refund_pay') && { gmt_refund_pay: formatBeijing(new Date(refund.at)) }),
    out_request_no: refund.outRequestNo,
    out_trade_no: trade.order.outTradeNo,
    refund_amount: amount,
    ...(options.includes('refund_detail_item_list') && {
      refund_detail_item_list: [{ amount, fund_channel: 'ALIPAYACCOUNT' }],
    }),
    ...(refund.reason !== undefined && { refund_reason: refund.reason }),
    refund_status: 'REFUND_SUCCESS',
    send_back_fee: amount,
    total_amount: formatYuan(trade.order.amountFen),
    trade_no: trade.tradeNo,
  }
}
