import type { KeyObject } from 'node:crypto'
import { checkCertificates, type ExpectedSns } from '../certificates/check-certificates.ts'
import { parseBeijing } from '../engine/beijing.ts'
import { verifyText } from '../keys.ts'
import type { Settings } from '../settings.ts'
import { readCharset } from './form-pairs.ts'
import { GatewayError } from './gateway-error.ts'
import { encodeGbk } from './gbk.ts'
import { NOT_SIMULATED } from './methods.ts'
import { MOST_PARAMETERS, type ParsedRequest } from './parse-request.ts'
import { type Params, requestStringToSign } from './string-to-sign.ts'

export interface AppKey {
  readonly appId: string
  readonly publicKey: KeyObject
}

export interface CheckContext {
  readonly settings: Settings
  readonly nowMs: number
  app(id: string): AppKey | undefined
  simulates(method: string): boolean
  /** Reads what an app encrypted. */
  decrypt(appId: string, text: string): string
  /** What a request in certificate mode has to name; absent in key mode. */
  readonly certificates?: (appId: string) => ExpectedSns | undefined
  warn(text: string): void
}

export interface CheckedRequest {
  readonly appId: string
  readonly method: string
  readonly params: Params
  readonly biz: Readonly<Record<string, unknown>>
}

/**
 * Everything that is checked before the business of a method, in the order in which the real gateway complains:
 * app, method, sign_type, charset, version, timestamp, sign, signature, biz_content.
 */
export function checkRequest(request: ParsedRequest, context: CheckContext): CheckedRequest {
  const { params } = request
  const app = knownApp(params, context)
  if (request.conflict !== undefined)
    throw invalid('isv.invalid-parameter', `参数 ${request.conflict} 重复且取值不一致`)
  if (request.tooMany) throw invalid('isv.invalid-parameter', `参数个数超过 ${MOST_PARAMETERS} 个`)
  const method = knownMethod(params, context)
  const signType = checkCommon(params, context)
  const expected = context.certificates?.(app.appId)
  if (expected) checkCertificates(params, expected, context.settings.cert_sn_error)
  checkSignature(request, app, signType, context)
  if (!context.simulates(method)) {
    throw new GatewayError('40004', 'SANDBOX_NOT_SIMULATED', `${method} 是真实存在的接口，但本沙箱没有模拟它`)
  }
  return { appId: app.appId, method, params, biz: bizContent(plainContent(params, app.appId, context)) }
}

const missing = (subCode: string, subMsg: string, options?: { signed: boolean }) =>
  new GatewayError('40001', subCode, subMsg, options)
const invalid = (subCode: string, subMsg: string, options?: { signed: boolean }) =>
  new GatewayError('40002', subCode, subMsg, options)

/** Nothing is signed for an app that is not known: there is no one to sign for. */
function knownApp(params: Params, context: CheckContext): AppKey {
  const id = params.app_id ?? ''
  if (id === '') throw missing('isv.missing-app-id', '缺少 app_id 参数', { signed: false })
  const app = context.app(id)
  if (!app) throw invalid('isv.invalid-app-id', '无效的 AppID 参数', { signed: false })
  return app
}

function knownMethod(params: Params, context: CheckContext): string {
  const method = params.method ?? ''
  if (method === '') throw missing('isv.missing-method', '缺少 method 参数')
  if (!isRealMethod(method, context)) throw invalid('isv.invalid-method', '不存在的方法名')
  return method
}

/** Whether answers to this method are wrapped in its own root key. */
export const isRealMethod = (method: string, context: Pick<CheckContext, 'simulates'>) =>
  context.simulates(method) || NOT_SIMULATED.has(method)

function checkCommon(params: Params, context: CheckContext): 'RSA2' | 'RSA' {
  const { sign_type = '', charset = '', version = '', timestamp = '', format = '' } = params
  if (sign_type === '') throw missing('isv.missing-signature-type', '缺少签名类型')
  if (sign_type !== 'RSA2' && !(sign_type === 'RSA' && context.settings.allow_rsa1)) {
    throw invalid('isv.invalid-signature-type', '无效签名类型')
  }
  if (!readCharset(charset)) throw invalid('isv.invalid-charset', '字符集错误，只支持 utf-8 和 gbk')
  if (version === '') throw missing('isv.missing-version', '缺少版本参数')
  if (version !== '1.0') throw invalid('isv.invalid-parameter', '参数 version 无效，应为 1.0')
  if (format !== '' && format.toLowerCase() !== 'json') throw invalid('isv.invalid-format', '无效的数据格式')
  if (timestamp === '') throw missing('isv.missing-timestamp', '缺少时间戳参数')
  const sentAt = parseBeijing(timestamp)
  if (!sentAt) throw invalid('isv.invalid-timestamp', '非法的时间戳参数')
  checkSkew(sentAt, context)
  return sign_type
}

/** Accepted, but worth a look; v3 refuses as much. */
const LOOSE_MINUTES = 10

function skewText(minutes: number): string {
  const hours = Math.round(minutes / 60)
  // The clock runs on between signing and receiving, so a difference of hours is never exact.
  if (hours === 8 && Math.abs(minutes - 480) < LOOSE_MINUTES)
    return 'timestamp is 8 h off: local time instead of Beijing time?'
  return `timestamp is ${Math.round(minutes)} min off the virtual clock`
}

function checkSkew(sentAt: Date, { settings, nowMs, warn }: CheckContext): void {
  const minutes = Math.abs(sentAt.getTime() - nowMs) / 60_000
  if (settings.timestamp_skew_minutes > 0 && minutes > settings.timestamp_skew_minutes) {
    throw invalid('isv.invalid-timestamp', '时间戳与网关时间相差过大')
  }
  if (minutes > LOOSE_MINUTES) warn(skewText(minutes))
}

function checkSignature(
  { params, charset }: ParsedRequest,
  app: AppKey,
  signType: 'RSA2' | 'RSA',
  { settings }: CheckContext,
): void {
  const { sign = '' } = params
  if (sign === '')
    throw missing('isv.missing-signature', '缺少签名参数', { signed: settings.sign_missing_signature_error })
  const text = requestStringToSign(params)
  if (verifyText(app.publicKey, charset === 'gbk' ? encodeGbk(text) : text, sign, signType)) return
  const shown = text.replaceAll('&', '&amp;')
  throw invalid(
    'isv.invalid-signature',
    `验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配，网关生成的验签字符串为：${shown}`,
  )
}

function plainContent({ biz_content: text, encrypt_type: type = '' }: Params, appId: string, context: CheckContext) {
  if (type === '' || text === undefined) return text
  if (type !== 'AES') throw invalid('isv.invalid-parameter', '参数 encrypt_type 无效，应为 AES')
  return context.decrypt(appId, text)
}

function bizContent(text: string | undefined): Readonly<Record<string, unknown>> {
  let parsed: unknown
  try {
    parsed = JSON.parse(text ?? '{}')
  } catch {
    throw invalid('isv.illegal-json', 'biz_content 不是合法的 JSON')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw invalid('isv.illegal-json', 'biz_content 应为 JSON 对象')
  }
  return { ...parsed }
}
