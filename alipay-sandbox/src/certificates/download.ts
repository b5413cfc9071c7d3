import { type ApiMethod, optionalText } from '../api/call.ts'
import { businessError } from '../wire/gateway-error.ts'

export const CERTIFICATE_DOWNLOAD = 'alipay.open.app.alipaycert.download'

/**
 * alipay.open.app.alipaycert.download: what a client asks that meets an `alipay_cert_sn` it does not know. The content
 * is the base64 of the PEM file. The error codes are not published.
 */
export const certificateDownload: ApiMethod = ({ biz, certificates }) => {
  const sn = optionalText(biz, 'alipay_cert_sn', 128)
  const found = certificates?.alipay.sn === sn ? certificates?.alipay : undefined
  if (!found) throw businessError('INVALID_PARAMETER', '参数无效：没有序列号为 alipay_cert_sn 的支付宝公钥证书')
  return { alipay_cert_content: Buffer.from(found.pem).toString('base64') }
}
