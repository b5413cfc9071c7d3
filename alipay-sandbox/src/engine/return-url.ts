import type { KeyObject } from 'node:crypto'
import { signTextNow } from '../keys.ts'
import { v1StringToSign } from '../wire/string-to-sign.ts'
import { formatBeijing } from './beijing.ts'
import type { Checkout, Instant, Trade } from './model.ts'
import { formatYuan } from './money.ts'

/** The order in which the real gateway writes them. No trade_status and no passback_params: a return proves nothing. */
const RETURN_FIELD_ORDER = [
  'charset',
  'out_trade_no',
  'method',
  'total_amount',
  'sign',
  'trade_no',
  'auth_app_id',
  'version',
  'app_id',
  'sign_type',
  'seller_id',
  'timestamp',
] as const

/** The merchant's return_url with Alipay's signed parameters, for the buyer's browser. RSA signing is deterministic, so is this. */
export function signedReturnUrl(
  key: KeyObject,
  checkout: Checkout,
  returnUrl: string,
  trade: Trade,
  at: Instant,
): string {
  const fields = {
    charset: checkout.charset,
    out_trade_no: trade.order.outTradeNo,
    method: `alipay.trade.${trade.order.product}.pay.return`,
    total_amount: formatYuan(trade.order.amountFen),
    trade_no: trade.tradeNo,
    auth_app_id: trade.appId,
    version: '1.0',
    app_id: trade.appId,
    sign_type: 'RSA2',
    seller_id: trade.sellerId,
    timestamp: formatBeijing(new Date(at)),
  }
  const signed: Readonly<Record<string, string>> = { ...fields, sign: signTextNow(key, v1StringToSign(fields)) }
  const query = new URLSearchParams(RETURN_FIELD_ORDER.map((name): [string, string] => [name, signed[name] ?? '']))
  return `${returnUrl}${returnUrl.includes('?') ? '&' : '?'}${query}`
}
