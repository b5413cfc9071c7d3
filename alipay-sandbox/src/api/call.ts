import type { Certificates } from '../certificates/certificates.ts'
import type { Engine } from '../engine/engine.ts'
import type { Trade } from '../engine/model.ts'
import { findTrade } from '../engine/trades.ts'
import type { Json } from '../wire/canonical-json.ts'
import { businessError } from '../wire/gateway-error.ts'
import type { Params } from '../wire/string-to-sign.ts'

/** A verified call of one method. */
export interface ApiCall {
  readonly engine: Engine
  readonly appId: string
  readonly sellerId: string
  readonly params: Params
  readonly biz: Readonly<Record<string, unknown>>
  /** Virtual; what was due before it has happened. */
  readonly at: number
  /** How the caller reached the gateway; addresses in answers begin with it. */
  readonly origin: string
  /** Present in certificate mode, and for the one method that hands certificates out. */
  readonly certificates?: Certificates
}

/** The fields of a 10000 answer. A refusal is thrown as a GatewayError. */
export type ApiResult = Readonly<Record<string, Json | undefined>>
export type ApiMethod = (call: ApiCall) => ApiResult

export const invalidParameter = (subMsg: string) => businessError('ACQ.INVALID_PARAMETER', `参数无效：${subMsg}`)

/** A text of at most `most` characters; a number is taken as its text. Empty counts as absent. */
export function optionalText(biz: ApiCall['biz'], name: string, most: number): string | undefined {
  const value = biz[name]
  if (value === undefined || value === null || value === '') return undefined
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || [...text].length > most) throw invalidParameter(name)
  return text
}

/** The trade that the call names; `trade_no` wins, and another seller's trade does not exist. */
export function namedTrade(call: ApiCall, failureFields?: (outTradeNo: string) => Record<string, string>): Trade {
  const tradeNo = optionalText(call.biz, 'trade_no', 64)
  const outTradeNo = optionalText(call.biz, 'out_trade_no', 64)
  if (tradeNo === undefined && outTradeNo === undefined) throw invalidParameter('out_trade_no 与 trade_no 不能同时为空')
  const trade = findTrade(call.engine, call.sellerId, {
    ...(tradeNo !== undefined && { tradeNo }),
    ...(outTradeNo !== undefined && { outTradeNo }),
  })
  if (!trade) throw businessError('ACQ.TRADE_NOT_EXIST', '交易不存在', failureFields?.(outTradeNo ?? ''))
  return trade
}

/** What `query_options` asks for. */
export function queryOptions(biz: ApiCall['biz']): readonly unknown[] {
  return Array.isArray(biz.query_options) ? biz.query_options : []
}
