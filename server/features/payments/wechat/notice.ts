import type { Notice } from '../provider.ts'
import { parsed } from './classify.ts'
import { faultOfSeal, openSealed, type Seal, type WechatKeys } from './signing.ts'
import { type Fields, fenIn, isFields, textIn, tradeFactOf } from './trade-fact.ts'

const FIRST_LINE = 'WECHATPAY2-NOTICE'

/**
 * A notification as one text, since its signature stands in headers and it must be kept whole: a first line, the four
 * headers, an empty line, the body. `noticeText` writes what {@link readWechatNotice} reads.
 */
export const noticeText = ({ timestamp, nonce, serial, signature }: Seal, body: string): string =>
  [FIRST_LINE, timestamp, nonce, serial, signature, '', body].map((line) => line ?? '').join('\n')

/** Reads a notification that came, or lay, as {@link noticeText}; `at` is when it came. */
export function readWechatNotice(
  message: Uint8Array,
  { keys, appId, at }: { readonly keys: WechatKeys; readonly appId: string; readonly at: Date },
): Notice {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(message)
  } catch {
    return { kind: 'malformed', reason: 'not_utf8', genuine: false }
  }
  const [first, timestamp, nonce, serial, signature, empty, ...rest] = text.split('\n')
  if (first !== FIRST_LINE || empty !== '') return { kind: 'malformed', reason: 'not_a_notice', genuine: false }
  const body = rest.join('\n')
  const fault = faultOfSeal({ timestamp, nonce, serial, signature }, body, keys, at)
  if (fault) return { kind: 'forged', reason: fault }
  const event = parsed(body)
  const resource = event && isFields(event.resource) ? event.resource : undefined
  const id = event && textIn(event, 'id')
  if (!event || !resource || !id || id.length > 100) return { kind: 'malformed', reason: 'fields', genuine: true }
  const sealed = {
    ciphertext: textIn(resource, 'ciphertext') ?? '',
    nonce: textIn(resource, 'nonce') ?? '',
    associatedData: textIn(resource, 'associated_data') ?? '',
  }
  const opened = openSealed(sealed, keys.apiV3Key)
  const fields = opened === undefined ? undefined : parsed(opened)
  if (!fields) return { kind: 'malformed', reason: 'sealed_for_others', genuine: true }
  const fact = textIn(fields, 'out_refund_no') ? refundFactOf(fields) : tradeFactOf(fields)
  const outTradeNo = textIn(fields, 'out_trade_no')
  const sellerId = textIn(fields, 'mchid')
  if (!fact || !sellerId) {
    return { kind: 'malformed', reason: 'fields', genuine: true, ...(outTradeNo ? { outTradeNo } : {}) }
  }
  // What tells of a refund names no app; it was sealed with our account's key.
  return { kind: 'genuine', noticeId: `wechat:${id}`, appId: textIn(fields, 'appid') ?? appId, sellerId, fact }
}

/** What a refund's end says; it is asked about before it is believed, so the amount of this one is not taken from here. */
function refundFactOf(fields: Fields) {
  const outTradeNo = textIn(fields, 'out_trade_no')
  const tradeNo = textIn(fields, 'transaction_id')
  const amountFen = fenIn(fields, 'total')
  if (!outTradeNo || !tradeNo || amountFen === undefined) return undefined
  return {
    outTradeNo,
    tradeNo,
    money: 'paid',
    status: `REFUND_${textIn(fields, 'refund_status') ?? 'UNKNOWN'}`,
    amountFen,
    finished: false,
    refund: { totalFen: undefined, outRequestNo: textIn(fields, 'out_refund_no') },
  } as const
}
