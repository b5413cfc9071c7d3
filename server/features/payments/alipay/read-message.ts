import { fenFromYuanText } from '@ihome/core/money'
import type { Notice, Return } from '../provider.ts'
import { readForm } from './read-form.ts'
import { isSignedByAlipay, type Keys, textToSign } from './signing.ts'
import { tradeFactOf } from './trade-fact.ts'

type Fields = ReadonlyMap<string, string>

/** The V1 rule of notifications and returns: both `sign` and `sign_type` stay out of the signed text. */
function faultOfSignature(fields: Fields, keys: Keys): string | undefined {
  const sign = fields.get('sign')
  if (!sign) return 'sign_missing'
  // Pinned: the sender's sign_type never chooses the algorithm, and any other name is refused unread.
  if (fields.get('sign_type') !== 'RSA2') return 'sign_type'
  const signed = [...fields].filter(([name]) => name !== 'sign' && name !== 'sign_type')
  return isSignedByAlipay(textToSign(signed), sign, keys) ? undefined : 'sign_wrong'
}

/** Reads an asynchronous notification from its raw body. */
export function readNotice(body: Uint8Array, keys: Keys): Notice {
  const fields = readForm(body)
  if (typeof fields === 'string') return { kind: 'malformed', reason: fields, genuine: false }
  const fault = faultOfSignature(fields, keys)
  if (fault) return { kind: 'forged', reason: fault }
  const noticeId = fields.get('notify_id')
  const appId = fields.get('app_id')
  const sellerId = fields.get('seller_id')
  const fact = tradeFactOf((name) => fields.get(name))
  if (!noticeId || noticeId.length > 128 || !appId || !sellerId || !fact?.tradeNo) {
    const outTradeNo = fields.get('out_trade_no')
    return { kind: 'malformed', reason: 'fields', genuine: true, ...(outTradeNo ? { outTradeNo } : {}) }
  }
  return { kind: 'genuine', noticeId, appId, sellerId, fact }
}

const RETURN_FIELDS = ['app_id', 'out_trade_no', 'trade_no', 'total_amount', 'seller_id', 'sign', 'sign_type'] as const
const RETURN_METHODS: readonly (string | undefined)[] = [
  undefined,
  'alipay.trade.wap.pay.return',
  'alipay.trade.page.pay.return',
]

/** Reads the parameters with which a browser came back. */
export function readReturn(body: Uint8Array, keys: Keys): Return {
  const fields = readForm(body)
  if (typeof fields === 'string') return { kind: 'incomplete', missing: [fields] }
  const missing = RETURN_FIELDS.filter((name) => !fields.get(name))
  if (missing.length > 0) return { kind: 'incomplete', missing }
  const fault = faultOfSignature(fields, keys)
  if (fault) return { kind: 'forged', reason: fault }
  const text = (name: (typeof RETURN_FIELDS)[number]) => fields.get(name) ?? ''
  const amountFen = fenFromYuanText(text('total_amount'))
  if (amountFen === undefined) return { kind: 'incomplete', missing: ['total_amount'] }
  if (!RETURN_METHODS.includes(fields.get('method'))) return { kind: 'incomplete', missing: ['method'] }
  return {
    kind: 'genuine',
    appId: text('app_id'),
    sellerId: text('seller_id'),
    outTradeNo: text('out_trade_no'),
    tradeNo: text('trade_no'),
    amountFen,
  }
}
