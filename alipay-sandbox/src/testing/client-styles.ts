import type { AlipaySandbox } from '../index.ts'
import { sendRaw } from './raw-http.ts'

/** The ways in which SDKs divide one request between address and body (alipay.md 1.3), as raw requests. */
export type ClientStyle = 'A' | 'B' | 'B with charset twice' | 'C' | 'D' | 'E'
export const CLIENT_STYLES: readonly ClientStyle[] = ['A', 'B', 'B with charset twice', 'C', 'D', 'E']

type Params = Readonly<Record<string, string>>

/** Sends signed parameters in that style and answers the bytes of the answer as text. */
export async function sendIn(style: ClientStyle, sandbox: AlipaySandbox, params: Params): Promise<string> {
  const { body } = await sendRaw(Number(new URL(sandbox.endpoint).port), requestIn(style, sandbox, params))
  return body
}

function requestIn(style: ClientStyle, sandbox: AlipaySandbox, params: Params): string {
  const { host } = new URL(sandbox.endpoint)
  const { biz_content = '', ...common } = params
  const query = encoded(common)
  switch (style) {
    case 'A':
      return post(`/gateway.do?${query}`, encoded({ biz_content }), host)
    case 'B':
      return post('/gateway.do', encoded(params), host)
    case 'B with charset twice':
      return post('/gateway.do?charset=UTF-8', encoded(params), host)
    case 'C':
      // Blanks as %20, as that client quotes them.
      return `GET /gateway.do?${encoded(params).replaceAll('+', '%20')} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
    case 'D':
      return post(`http://${host}/gateway.do?${query}`, encoded({ biz_content }), host)
    case 'E':
      return post(`/gateway.do?${query}`, multipart({ biz_content }), host, 'multipart/form-data; boundary=----b7')
  }
}

const encoded = (params: Params) => new URLSearchParams(params).toString()

const post = (target: string, body: string, host: string, type = 'application/x-www-form-urlencoded;charset=utf-8') =>
  [
    `POST ${target} HTTP/1.1`,
    `Host: ${host}`,
    `Content-Type: ${type}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n')

/** Text fields and one file, which is not part of the signed text. */
function multipart(params: Params): string {
  const parts = Object.entries(params).map(
    ([name, value]) => `------b7\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  const file =
    '------b7\r\nContent-Disposition: form-data; name="image_content"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n\u0001\r\n'
  return `${parts.join('')}${file}------b7--\r\n`
}
