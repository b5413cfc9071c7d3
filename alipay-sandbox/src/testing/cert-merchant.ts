import { createVerify } from 'node:crypto'
import type { AlipaySandbox } from '../index.ts'
import { commonParams, signRequest } from './merchant.ts'

export interface CertCalled {
  readonly answer: Readonly<Record<string, unknown>>
  readonly certSn: string | undefined
  readonly verified: boolean
  readonly raw: string
}

/** Calls a method in certificate mode, by hand. `change` may spoil the parameters before they are signed. */
export async function callWithCertificates(
  sandbox: AlipaySandbox,
  method: string,
  biz: unknown,
  change: (params: Record<string, string>) => Record<string, string> = (params) => params,
): Promise<CertCalled> {
  const { appCertSn, alipayRootCertSn } = await sandbox.certificates()
  const sns = { app_cert_sn: appCertSn, alipay_root_cert_sn: alipayRootCertSn }
  const params = change({ ...commonParams(sandbox, method, biz), ...sns })
  const signed = signRequest(params, sandbox.merchant.appPrivateKey)
  const response = await fetch(sandbox.gatewayUrl, { method: 'POST', body: new URLSearchParams(signed) })
  return readCertAnswer(await response.text(), sandbox.merchant.alipayPublicKeyPem)
}

/** Reads the bytes of an answer in certificate mode: object, SN, signature, in exactly this order. */
export function readCertAnswer(raw: string, publicKeyPem: string): CertCalled {
  const match = /^\{"[a-z_]+":(\{.*\}),(?:"alipay_cert_sn":"([0-9a-f]{32})",)?"sign":"([0-9A-Za-z+/=]+)"\}$/s.exec(raw)
  if (!match) throw new Error(`not a signed envelope: ${raw}`)
  const [, object = '', certSn, sign = ''] = match
  const verified = createVerify('RSA-SHA256').update(object, 'utf8').verify(publicKeyPem, sign, 'base64')
  return { answer: JSON.parse(object), certSn, verified, raw }
}
