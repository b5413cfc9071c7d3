import { createSign, createVerify } from 'node:crypto'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AlipaySandbox, type SandboxKeys, startAlipaySandbox } from '../index.ts'
import { handClock } from '../testing/bare-engine.ts'
import { sharedKeys } from '../testing/keys.ts'
import { callGateway, commonParams } from '../testing/merchant.ts'
import { startReceiver } from '../testing/receiver.ts'
import { encodeGbk } from './gbk.ts'

/** Bytes from the code chart, so that the encoder under test does not vouch for itself. The trail byte of 誠 is a `\`. */
const CHART: Readonly<Record<string, string>> = { 爱: 'b0ae', 家: 'bcd2', 租: 'd7e2', 房: 'b7bf', 誠: 'd55c' }
const gbk = (text: string) =>
  Buffer.concat(
    [...text].map((char) => (CHART[char] === undefined ? Buffer.from(char) : Buffer.from(CHART[char], 'hex'))),
  )
const percent = (text: string) => [...gbk(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
const decode = (bytes: Buffer) => new TextDecoder('gbk', { fatal: true }).decode(bytes)

let keys: SandboxKeys
let sandbox: AlipaySandbox
beforeAll(async () => {
  keys = await sharedKeys()
})
beforeEach(async () => {
  sandbox = await startAlipaySandbox({ port: 0, memory: true, keys, clock: handClock() })
})
afterEach(() => sandbox.stop())

/** A request by a merchant that lives in GBK; `over` gives the bytes it signs. */
function signed(
  method: string,
  biz: unknown,
  more: Readonly<Record<string, string>> = {},
  over = gbk,
): Record<string, string> {
  const params: Record<string, string> = { ...commonParams(sandbox, method, biz), charset: 'GBK', ...more }
  const text = Object.entries(params)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join('&')
  return { ...params, sign: createSign('RSA-SHA256').update(over(text)).sign(sandbox.merchant.appPrivateKey, 'base64') }
}
const form = (params: Readonly<Record<string, string>>) =>
  Object.entries(params)
    .map((pair) => pair.map(percent).join('='))
    .join('&')

async function read(response: Response) {
  expect(response.headers.get('content-type')).toBe('text/html;charset=GBK')
  const bytes = Buffer.from(await response.arrayBuffer())
  const raw = bytes.toString('latin1')
  const [, object = '', sign = ''] = /^\{"\w+":(\{.*\}),"sign":"([^"]+)"\}$/s.exec(raw) ?? []
  const answered = Buffer.from(object, 'latin1')
  expect(createVerify('RSA-SHA256').update(answered).verify(sandbox.merchant.alipayPublicKeyPem, sign, 'base64')).toBe(
    true,
  )
  return JSON.parse(decode(answered))
}
const ORDER = {
  total_amount: '88.80',
  product_code: 'QUICK_WAP_WAY',
  subject: '爱家租房誠',
  passback_params: '房%3D誠',
}
const payAddress = (no: string, more: Readonly<Record<string, string>> = {}) =>
  `${sandbox.gatewayUrl}?${form(signed('alipay.trade.wap.pay', { ...ORDER, out_trade_no: no }, more))}`

describe('requests with charset=gbk', () => {
  test('SBX-9 a GBK pay address opens the cashier with the right text, and GBK queries verify through GET and POST', async () => {
    const { trade } = await sandbox.pay({ payUrl: payAddress('g1') })
    expect(trade).toMatchObject({ status: 'TRADE_SUCCESS', subject: '爱家租房誠' })
    const query = signed('alipay.trade.query', { out_trade_no: 'g1' })
    const { biz_content = '', ...common } = query
    const post = (address: string, body: string) =>
      fetch(address, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/x-www-form-urlencoded;charset=GBK' },
      })
    const answers = [
      await read(await fetch(`${sandbox.gatewayUrl}?${form(query)}`)),
      await read(await post(sandbox.gatewayUrl, form(query))),
      await read(await post(`${sandbox.gatewayUrl}?${form(common)}`, form({ biz_content }))),
      await read(await post(`${sandbox.gatewayUrl}?charset=gbk`, form(query))),
    ]
    for (const answer of answers) {
      expect(answer).toMatchObject({ code: '10000', trade_status: 'TRADE_SUCCESS', passback_params: '房%3D誠' })
    }
  })

  test('SBX-9 GBK bytes that are not percent-encoded, and multipart parts in GBK, verify too', async () => {
    await sandbox.pay({ payUrl: payAddress('g2') })
    const params = signed('alipay.trade.refund', { out_trade_no: 'g2', refund_amount: '1.00', refund_reason: '租房誠' })
    const percentSome = (text: string) => text.replace(/[%&=+ "{}:,/]/g, (char) => percent(char))
    const raw = Buffer.concat(
      Object.entries(params).flatMap(([key, value]) => [gbk(`${key}=`), gbk(percentSome(value)), gbk('&')]),
    )
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const first = await read(await fetch(sandbox.gatewayUrl, { method: 'POST', body: raw, headers }))
    expect(first.fund_change).toBe('Y')

    const ask = signed('alipay.trade.fastpay.refund.query', { out_trade_no: 'g2', out_request_no: 'g2' })
    const parts = Object.entries(ask).map(([key, value]) =>
      gbk(`--b\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`),
    )
    const multipart = { 'content-type': 'multipart/form-data; boundary=b' }
    const body = Buffer.concat([...parts, Buffer.from('--b--\r\n')])
    const second = await read(await fetch(sandbox.gatewayUrl, { method: 'POST', body, headers: multipart }))
    expect(second).toMatchObject({ refund_amount: '1.00', refund_reason: '租房誠' })
  })

  test('SBX-9 a signature over UTF-8 bytes is refused, in GBK, and the helper says why', async () => {
    const params = signed('alipay.trade.query', { out_trade_no: '房' }, {}, (text) => Buffer.from(text))
    const answer = await read(await fetch(`${sandbox.gatewayUrl}?${form(params)}`))
    expect(answer).toMatchObject({ code: '40002', sub_code: 'isv.invalid-signature' })
    expect(answer.sub_msg).toContain('"out_trade_no":"房"')
    expect(sandbox.control.requests()[0]?.signature?.cause).toBe('wrong_charset')
  })

  test('SBX-9 faults are played in GBK too', async () => {
    await sandbox.pay({ payUrl: payAddress('g3') })
    await sandbox.faults.add({ kind: 'wrong_amount' })
    const query = signed('alipay.trade.query', { out_trade_no: 'g3' })
    const answer = await read(await fetch(`${sandbox.gatewayUrl}?${form(query)}`))
    expect(answer).toMatchObject({ total_amount: '88.81', passback_params: '房%3D誠' })
  })

  test('SBX-9 what GBK does not have becomes a question mark under a signature that holds', async () => {
    await sandbox.pay({ payUrl: payAddress('g4') })
    // A JSON escape brings in a character that the charset itself cannot.
    const biz = '{"out_trade_no":"g4","refund_amount":"1.00","refund_reason":"\\ud83d\\ude00房"}'
    await read(await fetch(`${sandbox.gatewayUrl}?${form(signed('alipay.trade.refund', biz))}`))
    const ask = signed('alipay.trade.fastpay.refund.query', { out_trade_no: 'g4', out_request_no: 'g4' })
    expect((await read(await fetch(`${sandbox.gatewayUrl}?${form(ask)}`))).refund_reason).toBe('?房')
  })

  test('SBX-9 the notify of a GBK payment is in GBK and signed as such', async () => {
    const receiver = await startReceiver()
    await sandbox.pay({ payUrl: payAddress('g5', { notify_url: receiver.url }) })
    await sandbox.waitForNotify({ outTradeNo: 'g5' })
    const fields = Object.fromEntries(
      (receiver.bodies[0] ?? '').split('&').map((pair) => {
        const [key = '', value = ''] = pair.split('=')
        const bytes = value
          .replaceAll('+', ' ')
          .replace(/%(..)/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
        return [key, decode(Buffer.from(bytes, 'latin1'))]
      }),
    )
    expect(fields).toMatchObject({ charset: 'GBK', subject: '爱家租房誠', trade_status: 'TRADE_SUCCESS' })
    expect(receiver.contentTypes[0]).toContain('GBK')
    const { sign, sign_type: _, ...told } = fields
    const text = Object.keys(told)
      .sort()
      .map((key) => `${key}=${told[key]}`)
      .join('&')
    const verifier = createVerify('RSA-SHA256').update(gbk(text))
    expect(verifier.verify(sandbox.merchant.alipayPublicKeyPem, sign ?? '', 'base64')).toBe(true)
    await receiver.stop()
  })

  test('SBX-9 the return of a GBK payment names its charset and verifies', async () => {
    const payUrl = payAddress('g6', { return_url: 'http://127.0.0.1:1/back' })
    const { returnUrl = '' } = await sandbox.pay({ payUrl })
    const { sign, sign_type: _, ...told } = Object.fromEntries(new URL(returnUrl).searchParams)
    expect(told.charset).toBe('GBK')
    const text = Object.keys(told)
      .sort()
      .map((key) => `${key}=${told[key]}`)
      .join('&')
    const verifier = createVerify('RSA-SHA256').update(text)
    expect(verifier.verify(sandbox.merchant.alipayPublicKeyPem, sign ?? '', 'base64')).toBe(true)
  })

  test.each(['gb2312', 'GB18030', 'utf8', 'latin1'])('SBX-9 charset %s is refused, in UTF-8', async (charset) => {
    const { answer, verified } = await callGateway(sandbox, 'alipay.trade.query', {}, (params) => ({
      ...params,
      charset,
    }))
    expect([answer.sub_code, verified]).toEqual(['isv.invalid-charset', true])
  })

  test('SBX-2 query and body that name different charsets are refused', async () => {
    const query = signed('alipay.trade.query', { out_trade_no: '房' })
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await read(
      await fetch(`${sandbox.gatewayUrl}?charset=utf-8`, { method: 'POST', body: form(query), headers }),
    )
    expect(answer).toMatchObject({ sub_code: 'isv.invalid-parameter', sub_msg: expect.stringContaining('charset') })
  })
})

describe('the encoder', () => {
  test('SBX-9 inverts the decoder over all 23,940 characters, keeps ASCII, and writes ? for everything else', () => {
    const seen = new Set<string>()
    for (let lead = 0x81; lead <= 0xfe; lead += 1) {
      for (let trail = 0x40; trail <= 0xfe; trail += 1) {
        const char = new TextDecoder('gbk').decode(Uint8Array.of(lead, trail))
        if (char.length === 1 && char !== '\uFFFD') seen.add(char)
      }
    }
    expect(seen.size).toBe(23_940)
    const text = [...seen].join('')
    const bytes = encodeGbk(text)
    expect(bytes.length).toBe(2 * 23_940)
    expect(decode(bytes)).toBe(text)
    for (let code = 0; code < 0x80; code += 1) expect(encodeGbk(String.fromCharCode(code))[0]).toBe(code)
    for (const [odd, known] of [
      ['a😀b', 'a?b'],
      ['a\ud83db', 'a?b'],
      ['\udc00', '?'],
      ['ȧ', '?'],
    ] as const) {
      expect(encodeGbk(odd).toString()).toBe(known)
    }
  })

  test('SBX-9 knows the bytes of the code chart', () => {
    for (const [char, hex] of Object.entries(CHART)) expect(encodeGbk(char).toString('hex')).toBe(hex)
  })
})
