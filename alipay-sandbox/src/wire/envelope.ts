import type { KeyObject } from 'node:crypto'
import { signText } from '../keys.ts'
import { canonicalJson, type Json } from './canonical-json.ts'
import type { Charset } from './form-pairs.ts'
import { encodeGbk } from './gbk.ts'

/** The object inside an answer. */
export type Answer = { readonly code: string; readonly msg: string; readonly [key: string]: Json | undefined }

/** `alipay.trade.query` → `alipay_trade_query_response`; a method that is missing or unknown answers in `error_response`. */
export const rootKey = (method: string | undefined) =>
  method === undefined ? 'error_response' : `${method.replaceAll('.', '_')}_response`

/** Who signs an answer, and how the caller is told which key that was. */
export interface Seal {
  readonly key: KeyObject
  /** Only in certificate mode: clients in key mode refuse an answer that carries it. */
  readonly certSn?: string
  /** The character set in which the answer will be sent, because its signature is over those bytes. */
  readonly charset: Charset
  /** For a caller that encrypted its request. */
  readonly encrypt?: (text: string) => string
}

/**
 * The body of an answer, put together by concatenation: SDKs cut the signed text out by position, so nothing may stand
 * between its parts. Without a seal it is unsigned, as answers to unknown apps are.
 */
export async function envelope(method: string | undefined, answer: Answer, seal: Seal | undefined): Promise<string> {
  const plain = canonicalJson(answer)
  if (!seal) return `{"${rootKey(method)}":${plain}}`
  // Ciphertext stands in quotes, and they are signed with it.
  const text = seal.encrypt ? `"${seal.encrypt(plain)}"` : plain
  return `{"${rootKey(method)}":${text},${certField(seal)}"sign":"${await signSealed(seal, text)}"}`
}

/** The signature over a text as it will be sent. */
export const signSealed = ({ key, charset }: Seal, text: string) =>
  signText(key, charset === 'gbk' ? encodeGbk(text) : text)

/** `"alipay_cert_sn":"…",` in certificate mode, else nothing; it stands between the object and the signature. */
export const certField = ({ certSn }: Seal) => (certSn === undefined ? '' : `"alipay_cert_sn":"${certSn}",`)
