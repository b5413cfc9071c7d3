import { closeTrade, findTrade } from '../engine/trades.ts'
import { businessError } from '../wire/gateway-error.ts'
import { type ApiMethod, namedTrade, optionalText } from './call.ts'

/**
 * alipay.trade.close. Only a trade that waits for its buyer can be closed. Before the buyer has acted there is no
 * trade, so nothing is closed and the open cashier page stays payable.
 */
export const tradeClose: ApiMethod = (call) => {
  const { engine, biz, sellerId } = call
  const { settings } = engine.state
  const outTradeNo = optionalText(biz, 'out_trade_no', 64)
  const unknown = biz.trade_no === undefined && outTradeNo !== undefined && !findTrade(engine, sellerId, { outTradeNo })
  if (unknown && settings.close_unknown === 'success') return { out_trade_no: outTradeNo }
  const trade = namedTrade(call)
  if (trade.status !== 'WAIT_BUYER_PAY') throw businessError(settings.close_paid_error, '交易状态不合法')
  closeTrade(engine, trade, 'merchant', call.at)
  return { out_trade_no: trade.order.outTradeNo, trade_no: trade.tradeNo }
}
