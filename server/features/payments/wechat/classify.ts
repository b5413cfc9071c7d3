import type { Answer } from '../provider.ts'
import { faultOfSeal, type WechatKeys } from './signing.ts'
import { type Fields, isFields, textIn } from './trade-fact.ts'
import type { Transported } from './transport.ts'

const NOT_EXIST = new Set(['ORDER_NOT_EXIST', 'ORDERNOTEXIST', 'RESOURCE_NOT_EXISTS'])
const MISCONFIGURED = new Set(['SIGN_ERROR', 'NO_AUTH', 'MCH_NOT_EXISTS', 'APPID_MCHID_NOT_MATCH', 'APPID_NOT_EXIST'])
/** A plain no to this call. A code that is not here may mean anything, so it is unknown. */
const REFUSED = new Set([
  'PARAM_ERROR',
  'INVALID_REQUEST',
  'ORDERPAID',
  'ORDER_PAID',
  'ORDER_CLOSED',
  'ORDERCLOSED',
  'OUT_TRADE_NO_USED',
  'TRADE_ERROR',
  'RULE_LIMIT',
  'RULELIMIT',
  'ACCOUNT_ERROR',
  'ACCOUNTERROR',
  'NOT_ENOUGH',
  'USER_ACCOUNT_ABNORMAL',
])

export interface Judge<Fact> {
  readonly keys: WechatKeys
  /** When the answer came. */
  readonly at: Date
  /** Compares the numbers of a believed answer and decides; a 204 has no fields. */
  readFact(fields: Fields, raw: string): Answer<Fact>
}

/**
 * Puts an answer into one of the port's classes. Good news must carry WeChat Pay's signature over its very bytes.
 * Refusals carry none (alipay.md 9) and are believed as far as TLS goes; nothing is released by one alone. A signature
 * that is there and wrong makes any answer unknown.
 */
export function classify<Fact>(came: Transported, { keys, at, readFact }: Judge<Fact>): Answer<Fact> {
  if ('failure' in came) return { kind: 'unknown', reason: came.failure, raw: '' }
  const { status, text, seal } = came
  const raw = text || `HTTP ${status}`
  const good = status === 200 || status === 204
  const fault = faultOfSeal(seal, text, keys, at)
  if (fault && (good || fault !== 'sign_missing')) return { kind: 'unknown', reason: fault, raw }
  const fields = text === '' ? {} : parsed(text)
  if (!fields) return { kind: 'unknown', reason: 'not_json', raw }
  if (good) return readFact(fields, raw)
  if (status < 400 || status >= 500 || status === 429) return { kind: 'unknown', reason: `http_${status}`, raw }
  const code = textIn(fields, 'code') ?? `http_${status}`
  if (NOT_EXIST.has(code)) return { kind: 'not_exist', raw }
  if (MISCONFIGURED.has(code)) return { kind: 'misconfigured', code: `wechat:${code}`, raw }
  return REFUSED.has(code) ? { kind: 'refused', code, raw } : { kind: 'unknown', reason: code, raw }
}

export function parsed(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}
