import { createPrivateKey, createSign, createVerify, type KeyObject } from 'node:crypto'
import { formatBeijing } from '../engine/beijing.ts'
import type { AlipaySandbox } from '../index.ts'

/** A merchant that shares no code with the sandbox where signatures are concerned, so that both cannot err alike. */

/** Reading a key takes as long as signing with it, and tests sign many thousand times with the same few. */
const keyObjects = new Map<string, KeyObject>()
function keyObject(pem: string): KeyObject {
  const key = keyObjects.get(pem) ?? createPrivateKey(pem)
  keyObjects.set(pem, key)
  return key
}

/** Signs a request by its rule: everything but sign, no empties, ASCII order. */
export function signRequest(params: Readonly<Record<string, string>>, privateKeyPem: string): Record<string, string> {
  const pairs = Object.entries(params).filter(([key, value]) => key !== 'sign' && value !== '')
  pairs.sort(([a], [b]) => (a < b ? -1 : 1))
  const text = pairs.map(([key, value]) => `${key}=${value}`).join('&')
  return { ...params, sign: createSign('RSA-SHA256').update(text, 'utf8').sign(keyObject(privateKeyPem), 'base64') }
}

/** Checks a notify or a return address by the V1 rule. */
export function verifyV1(fields: Readonly<Record<string, string>>, publicKeyPem: string): boolean {
  const { sign = '', sign_type, ...rest } = fields
  if (sign_type !== 'RSA2') return false
  const text = Object.keys(rest)
    .sort()
    .map((key) => `${key}=${rest[key]}`)
    .join('&')
  return createVerify('RSA-SHA256').update(text, 'utf8').verify(publicKeyPem, sign, 'base64')
}

/** The common parameters of a call, unsigned. */
export function commonParams(sandbox: AlipaySandbox, method: string, biz: unknown): Record<string, string> {
  return {
    app_id: sandbox.merchant.appId,
    method,
    charset: 'utf-8',
    sign_type: 'RSA2',
    timestamp: formatBeijing(sandbox.clock.now()),
    version: '1.0',
    biz_content: typeof biz === 'string' ? biz : JSON.stringify(biz),
  }
}

/** A signed GET pay address. */
export function payUrl(
  sandbox: AlipaySandbox,
  biz: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, string>> = {},
  product: 'wap' | 'page' = 'wap',
): string {
  const order = {
    total_amount: '88.80',
    subject: '爱家租房',
    product_code: product === 'wap' ? 'QUICK_WAP_WAY' : 'FAST_INSTANT_TRADE_PAY',
    ...biz,
  }
  const params = { ...commonParams(sandbox, `alipay.trade.${product}.pay`, order), ...more }
  return `${sandbox.gatewayUrl}?${new URLSearchParams(signRequest(params, sandbox.merchant.appPrivateKey))}`
}

export interface Called {
  readonly root: string
  readonly answer: Readonly<Record<string, unknown>>
  readonly signed: boolean
  /** Only when signed. */
  readonly verified: boolean
  readonly raw: string
}

/** Reads an answer's bytes: root key, object, and whether its signature holds over exactly the object's text. */
export function readAnswer(raw: string, publicKeyPem: string): Called {
  const match = /^\{"([a-z_]+)":(\{.*\})(?:,"sign":"([0-9A-Za-z+/=]+)")?\}$/s.exec(raw)
  if (!match) throw new Error(`not an envelope: ${raw}`)
  const [, root = '', object = '', sign] = match
  const verified =
    sign !== undefined && createVerify('RSA-SHA256').update(object, 'utf8').verify(publicKeyPem, sign, 'base64')
  return { root, answer: JSON.parse(object), signed: sign !== undefined, verified, raw }
}

/** Calls a server method in style B: everything in the body. `change` may spoil the signed parameters. */
export async function callGateway(
  sandbox: AlipaySandbox,
  method: string,
  biz: unknown,
  change: (params: Record<string, string>) => Record<string, string> = (params) => params,
): Promise<Called> {
  const signed = signRequest(commonParams(sandbox, method, biz), sandbox.merchant.appPrivateKey)
  const response = await fetch(sandbox.gatewayUrl, { method: 'POST', body: new URLSearchParams(change(signed)) })
  return readAnswer(await response.text(), sandbox.merchant.alipayPublicKeyPem)
}
