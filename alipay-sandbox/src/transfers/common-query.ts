import type { ApiMethod } from '../api/call.ts'
import { formatBeijing } from '../engine/beijing.ts'
import { formatYuan } from '../engine/money.ts'
import { businessError } from '../wire/gateway-error.ts'
import { PAYEE_REFUSALS } from './transfer.ts'
import { findTransfer } from './transfers.ts'
import { demandCertificates, required, textOf } from './uni-transfer.ts'

/**
 * alipay.fund.trans.common.query. ORDER_NOT_EXIST does not mean that nothing was sent: the order may still be on its
 * way to the books.
 */
export const commonQuery: ApiMethod = (call) => {
  demandCertificates(call)
  const { biz, engine, sellerId } = call
  const orderId = textOf(biz, 'order_id', 32)
  const payFundOrderId = textOf(biz, 'pay_fund_order_id', 32)
  const named = orderId ?? payFundOrderId
  const transfer = findTransfer(engine, sellerId, {
    ...(orderId !== undefined && { orderId }),
    ...(payFundOrderId !== undefined && { payFundOrderId }),
    ...(named === undefined && { outBizNo: byOwnNumber(biz) }),
  })
  if (!transfer) throw businessError('ORDER_NOT_EXIST', '转账订单不存在')
  const { order, status, settledAt, failCode } = transfer
  return {
    ...(failCode !== undefined && { error_code: failCode, fail_reason: PAYEE_REFUSALS[failCode] }),
    order_id: transfer.orderId,
    out_biz_no: order.outBizNo,
    ...(order.passbackParams !== undefined && { passback_params: order.passbackParams }),
    ...(status === 'SUCCESS' && settledAt !== undefined && { pay_date: formatBeijing(new Date(settledAt)) }),
    pay_fund_order_id: transfer.payFundOrderId,
    status,
    trans_amount: formatYuan(order.amountFen),
  }
}

/** The merchant's own number is only one together with its product and scene. */
function byOwnNumber(biz: Parameters<ApiMethod>[0]['biz']): string {
  required(biz, 'product_code', 64)
  required(biz, 'biz_scene', 64)
  return required(biz, 'out_biz_no', 64)
}
