import { GatewayError } from '../wire/gateway-error.ts'
import type { Params } from '../wire/string-to-sign.ts'

/** The SNs that a request in certificate mode has to name. */
export interface ExpectedSns {
  readonly appSn: string
  readonly rootSn: string
}

/** Whether a request is made in certificate mode. One app may use both modes side by side. */
export const usesCertificates = (params: Params) => Boolean(params.app_cert_sn || params.alipay_root_cert_sn)

/**
 * Refuses a request that names another certificate than the app's own, or another root. The published lists give no
 * code for it, so which one is answered is a setting; the text names what was expected, for people.
 */
export function checkCertificates(params: Params, expected: ExpectedSns, subCode: string): void {
  const parts = [
    ['app_cert_sn', '应用公钥证书', expected.appSn],
    ['alipay_root_cert_sn', '支付宝根证书', expected.rootSn],
  ] as const
  for (const [name, title, sn] of parts) {
    if (params[name] === sn) continue
    throw new GatewayError('40002', subCode, `${title}序列号 ${name} 与网关不一致，网关期望的值为：${sn}`)
  }
}
