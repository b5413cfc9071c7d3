import { formatBeijing } from '../engine/beijing.ts'
import { formatYuan, parseYuan } from '../engine/money.ts'
import { type RefundRefusal, refundTrade } from '../engine/refunds.ts'
import { businessError } from '../wire/gateway-error.ts'
import { buyerFields } from './buyer-fields.ts'
import { type ApiMethod, invalidParameter, namedTrade, optionalText, queryOptions } from './call.ts'

const TEXT: Readonly<Record<RefundRefusal, string>> = {
  'ACQ.TRADE_STATUS_ERROR': '交易状态不合法',
  'ACQ.TRADE_HAS_CLOSE': '交易已经关闭',
  'ACQ.TRADE_HAS_FINISHED': '交易已完结',
  'ACQ.DISCORDANT_REPEAT_REQUEST': '请求信息不一致',
  'ACQ.REASON_TRADE_REFUND_FEE_ERR': '退款金额无效',
  'ACQ.SELLER_BALANCE_NOT_ENOUGH': '卖家余额不足',
  'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL': '退款金额与交易金额不相等：官方沙箱只支持全额退款',
  'ACQ.TRADE_NOT_ALLOW_REFUND': '当前交易不允许退款：官方沙箱每笔交易只能调用一次退款',
  'ACQ.REFUND_FEE_ERROR': '交易退款金额有误：两次退款间隔不足 3 秒',
}

/** alipay.trade.refund. `refund_fee` in the answer is what the trade has been refunded in all. */
export const tradeRefund: ApiMethod = (call) => {
  const amountFen = parseYuan(call.biz.refund_amount)
  if (amountFen === undefined || amountFen === 0) throw invalidParameter('refund_amount')
  const reason = optionalText(call.biz, 'refund_reason', 256)
  const requestNo = optionalText(call.biz, 'out_request_no', 64)
  const trade = namedTrade(call)
  // Named before the outcome is known, because the defaults are the trade's own.
  const outRequestNo = requestNo ?? trade.order.outTradeNo
  const wish = { outRequestNo, amountFen, ...(reason !== undefined && { reason }) }
  const outcome = refundTrade(call.engine, trade, wish, call.at)
  if (outcome.kind === 'refused') throw businessError(outcome.code, TEXT[outcome.code])

  const { refund, moved } = outcome
  const replayed = !moved && call.engine.state.settings.refund_replay === 'first'
  return {
    ...buyerFields(call.engine, trade),
    fund_change: moved ? 'Y' : 'N',
    gmt_refund_pay: formatBeijing(new Date(refund.at)),
    out_trade_no: trade.order.outTradeNo,
    ...(queryOptions(call.biz).includes('refund_detail_item_list') && {
      refund_detail_item_list: [{ amount: formatYuan(refund.amountFen), fund_channel: 'ALIPAYACCOUNT' }],
    }),
    refund_fee: formatYuan(replayed ? refund.cumulativeFen : trade.refundedFen),
    send_back_fee: formatYuan(refund.amountFen),
    trade_no: trade.tradeNo,
  }
}
