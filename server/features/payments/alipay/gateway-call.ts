import type { Clock } from '../../../platform/clock.ts'
import type { Answer } from '../provider.ts'
import { beijingTime } from './beijing-time.ts'
import { classify } from './classify.ts'
import { type Keys, signText, textToSign } from './signing.ts'
import { postForm } from './transport.ts'
import { verifyResponse } from './verify-response.ts'

type Fields = Readonly<Record<string, unknown>>

export interface GatewayCaller {
  readonly gateway: string
  readonly appId: string
  readonly clock: Clock
  readonly keys: Keys
  /** Set in certificate mode: requests name our certificates, and only answers under this one of Alipay's are believed. */
  readonly certificates?: { readonly appCertSn: string; readonly rootCertSn: string; readonly alipayCertSn: string }
}

export interface SignedRequest {
  /** The gateway's address with every field but the content. */
  readonly query: string
  readonly biz: string
}

/** One request of protocol v2, signed at the clock's time in Beijing. */
export function signRequest(
  { gateway, appId, clock, keys, certificates }: GatewayCaller,
  method: string,
  extra: Readonly<Record<string, string>>,
  bizContent: Fields,
): SignedRequest {
  const biz = JSON.stringify(bizContent)
  const common = {
    app_id: appId,
    charset: 'utf-8',
    format: 'JSON',
    method,
    sign_type: 'RSA2',
    timestamp: beijingTime(clock.now()),
    version: '1.0',
    ...(certificates && { app_cert_sn: certificates.appCertSn, alipay_root_cert_sn: certificates.rootCertSn }),
    ...extra,
  }
  const sign = signText(textToSign(Object.entries({ ...common, biz_content: biz })), keys)
  return { query: addressWith(gateway, { ...common, sign }), biz: `biz_content=${encodeURIComponent(biz)}` }
}

/** Asks once, verifies the answer and puts it into one of the classes of alipay.md 8.3; `readFact` reads a 10000. */
export async function callGateway<Fact>(
  caller: GatewayCaller,
  wish: { readonly method: string; readonly content: Fields; readonly timeoutMs: number },
  readFact: (fields: Fields, raw: string) => Answer<Fact>,
): Promise<Answer<Fact>> {
  const { method } = wish
  const { query, biz } = signRequest(caller, method, {}, wish.content)
  const came = await postForm(query, biz, wish.timeoutMs)
  if ('failure' in came) return { kind: 'unknown', reason: came.failure, raw: came.text }
  const raw = came.text
  const verified = verifyResponse(raw, method, caller.keys, caller.certificates?.alipayCertSn)
  return classify(raw, verified, method, (fields) => readFact(fields, raw))
}

function addressWith(gateway: string, fields: Readonly<Record<string, string>>): string {
  const query = Object.entries(fields).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return `${gateway}${gateway.includes('?') ? '&' : '?'}${query.join('&')}`
}
