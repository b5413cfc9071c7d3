import type { KeyObject } from 'node:crypto'
import { signText } from '../keys.ts'
import { canonicalJson, type Json } from './canonical-json.ts'

/** The object inside an answer. */
export type Answer = { readonly code: string; readonly msg: string; readonly [key: string]: Json | undefined }

/** `alipay.trade.query` → `alipay_trade_query_response`; a method that is missing or unknown answers in `error_response`. */
export const rootKey = (method: string | undefined) =>
  method === undefined ? 'error_response' : `${method.replaceAll('.', '_')}_response`

/**
 * The body of an answer, put together by concatenation: SDKs cut the signed text out by position, so nothing may stand
 * between its parts. Without a key it is unsigned, as answers to unknown apps are.
 */
export async function envelope(
  method: string | undefined,
  answer: Answer,
  key: KeyObject | undefined,
): Promise<string> {
  const text = canonicalJson(answer)
  if (!key) return `{"${rootKey(method)}":${text}}`
  return `{"${rootKey(method)}":${text},"sign":"${await signText(key, text)}"}`
}
