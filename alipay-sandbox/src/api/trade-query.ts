import { formatBeijing } from '../engine/beijing.ts'
import { formatYuan } from '../engine/money.ts'
import { buyerFields } from './buyer-fields.ts'
import { type ApiMethod, namedTrade } from './call.ts'

const NOTHING = '0.00'

/** A failure still carries amounts of zero, as the real one does: a trap for callers that skip `code`. */
const failureFields = (outTradeNo: string) => ({
  buyer_pay_amount: NOTHING,
  invoice_amount: NOTHING,
  ...(outTradeNo !== '' && { out_trade_no: outTradeNo }),
  point_amount: NOTHING,
  receipt_amount: NOTHING,
})

/** alipay.trade.query */
export const tradeQuery: ApiMethod = (call) => {
  const trade = namedTrade(call, failureFields)
  const { order, paidAt } = trade
  const total = formatYuan(order.amountFen)
  const received = paidAt === undefined ? NOTHING : total
  return {
    ...buyerFields(call.engine, trade),
    buyer_pay_amount: received,
    ...(trade.buyerId !== undefined && { buyer_user_type: 'PRIVATE' }),
    ...(paidAt !== undefined && { fund_bill_list: [{ amount: total, fund_channel: 'ALIPAYACCOUNT' }] }),
    invoice_amount: received,
    out_trade_no: order.outTradeNo,
    ...(trade.passbackParams !== undefined && { passback_params: trade.passbackParams }),
    point_amount: NOTHING,
    receipt_amount: received,
    ...(paidAt !== undefined && { send_pay_date: formatBeijing(new Date(paidAt)) }),
    ...(trade.storeId !== undefined && { store_id: trade.storeId }),
    total_amount: total,
    trade_no: trade.tradeNo,
    trade_status: trade.status,
  }
}
