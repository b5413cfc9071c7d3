import type { GatewayError } from './gateway-error.ts'
import { encodeGbk } from './gbk.ts'

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

/** What the buyer's browser shows when the merchant's pay address is wrong: a debug page, in GBK as the real one is. */
export function errorPage(error: GatewayError): Buffer {
  return encodeGbk(`<!doctype html>
<html lang="zh-CN"><head><meta charset="gbk"><meta name="generator" content="alipay-sandbox"><meta name="viewport" content="width=device-width,initial-scale=1"><title>调试错误</title></head>
<body><p>离线沙箱，非支付宝官方页面</p><h1>调试错误，请回到请求来源地，重新发起请求。</h1>
<p>错误代码：<code>${escapeHtml(error.subCode)}</code></p>
<p>错误原因：${escapeHtml(error.message)}</p></body></html>
`)
}
