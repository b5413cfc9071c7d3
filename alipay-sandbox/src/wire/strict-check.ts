import { businessError, GatewayError } from './gateway-error.ts'

const TRADE_NAMES = ['trade_no', 'out_trade_no', 'org_pid', 'query_options']
const PAGE_NAMES = [
  'out_trade_no',
  'total_amount',
  'subject',
  'product_code',
  'body',
  'time_expire',
  'timeout_express',
  'passback_params',
  'goods_type',
  'goods_detail',
  'enable_pay_channels',
  'disable_pay_channels',
  'specified_channel',
  'auth_token',
  'extend_params',
  'business_params',
  'promo_params',
  'royalty_info',
  'settle_info',
  'sub_merchant',
  'invoice_info',
  'ext_user_info',
  'store_id',
  'merchant_order_no',
  'query_options',
]

/** The business parameters that the documents list, for the methods whose lists we know whole. */
const KNOWN_NAMES: Readonly<Record<string, ReadonlySet<string>>> = {
  'alipay.trade.wap.pay': new Set([...PAGE_NAMES, 'quit_url', 'seller_id']),
  'alipay.trade.page.pay': new Set([
    ...PAGE_NAMES,
    'qr_pay_mode',
    'qrcode_width',
    'integration_type',
    'request_from_url',
    'agreement_sign_params',
  ]),
  'alipay.trade.query': new Set(TRADE_NAMES),
  'alipay.trade.close': new Set([...TRADE_NAMES, 'operator_id', 'notify_url', 'extend_params']),
  'alipay.trade.refund': new Set([
    ...TRADE_NAMES,
    'refund_amount',
    'refund_currency',
    'refund_reason',
    'out_request_no',
    'refund_goods_detail',
    'refund_royalty_parameters',
    'refund_advance_account',
    'refund_advance_account_type',
    'refund_trans_out',
    'refund_trans_out_type',
    'operator_id',
    'store_id',
    'terminal_id',
    'related_settle_confirm_no',
  ]),
  'alipay.trade.fastpay.refund.query': new Set([...TRADE_NAMES, 'out_request_no']),
  'alipay.data.dataservice.bill.downloadurl.query': new Set(['bill_type', 'bill_date', 'smid']),
}

const ATTACK = /\b(?:out_trade_no|trade_no|total_fee|total_amount|refund_amount|seller_id|sign_type)\b|<script\b/i

export interface Strictness {
  readonly strict: boolean
  warn(text: string): void
}

/**
 * What the real gateway may refuse although most requests with it pass: with `strict` it is refused, otherwise only
 * remarked on. The rules are documented without detail, so both readings are useful to a merchant.
 */
export function checkStrictly(
  method: string,
  biz: Readonly<Record<string, unknown>>,
  { strict, warn }: Strictness,
): void {
  const complain = (error: GatewayError) => {
    if (strict) throw error
    warn(`strict mode would answer ${error.subCode}: ${error.message}`)
  }
  const attack = Object.entries(biz).find(([, value]) => typeof value === 'string' && ATTACK.test(value))
  if (attack) complain(new GatewayError('40002', 'isv.suspected-attack', `参数 ${attack[0]} 的值含有疑似注入的内容`))
  const known = KNOWN_NAMES[method]
  const unknown = known && Object.keys(biz).find((name) => !known.has(name))
  if (unknown !== undefined) complain(businessError('ACQ.INVALID_PARAMETER', `参数无效：未知的业务参数 ${unknown}`))
  if (typeof biz.subject === 'string' && /[/=&]/.test(biz.subject)) {
    complain(businessError('ACQ.INVALID_PARAMETER', '参数无效：subject 不能包含 / = &'))
  }
}
