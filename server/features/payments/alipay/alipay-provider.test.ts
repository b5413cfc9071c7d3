import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { toFen } from '@ihome/core/money'
import { AlipaySdk } from 'alipay-sdk'
import { afterAll, describe, expect, test } from 'vitest'
import { movableClock } from '../../../platform/testing.ts'
import { NO_REFUND_RECORD } from '../provider.ts'
import { createAlipay } from './alipay-provider.ts'
import { beijingTime } from './beijing-time.ts'
import { readKeys, signText, textToSign } from './signing.ts'

const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 })
const app = pair()
const gateway = pair()
const stranger = pair()
const pem = {
  app: app.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  appPublic: app.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  gateway: gateway.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
}
const QUERY = 'alipay_trade_query_response'
const NUMBER = 'ih1_20261123_a'

type Respond = (response: http.ServerResponse, url: URL, body: string) => void
let respond: Respond = (response) => response.end()
const server = http.createServer(async (request, response) => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  respond(response, new URL(request.url ?? '/', 'http://gateway'), Buffer.concat(parts).toString())
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const clock = movableClock('2026-11-23T16:30:59.999Z')
const options = {
  gateway: `${origin}/gateway.do`,
  appId: '2021000000000001',
  sellerId: '2088000000000001',
  publicKey: pem.gateway,
  appPrivateKey: pem.app,
  publicOrigin: 'https://ihome.example',
  clock,
}
const alipay = createAlipay(options)

const signature = (text: string, key = gateway.privateKey) =>
  sign('RSA-SHA256', Buffer.from(text, 'utf8'), key).toString('base64')
const envelope = (root: string, object: string, key = gateway.privateKey) =>
  `{"${root}":${object},"sign":"${signature(object, key)}"}`
const paid = (change: object = {}) =>
  JSON.stringify({
    code: '10000',
    msg: 'Success',
    out_trade_no: NUMBER,
    total_amount: '88.80',
    trade_no: '2026112322001000000000000001',
    trade_status: 'TRADE_SUCCESS',
    ...change,
  })
const says = (body: string | Buffer, status = 200, headers: http.OutgoingHttpHeaders = {}): Respond => {
  return (response) => response.writeHead(status, { 'content-type': 'text/html;charset=utf-8', ...headers }).end(body)
}
const askWith = async (how: Respond) => {
  respond = how
  return alipay.query(NUMBER)
}

describe('an answer that can be believed', () => {
  test('ALI-9 is the parse of exactly the text that was signed', async () => {
    const answer = await askWith(says(envelope(QUERY, paid({ subject: 'a}"{\\/房😀', nested: { sign: 'x' } }))))
    expect(answer).toMatchObject({ kind: 'fact', fact: { outTradeNo: NUMBER, money: 'paid', amountFen: 8_880 } })
  })

  test.each([
    ['TRADE_FINISHED', {}, { money: 'paid', finished: true, refund: undefined }],
    ['WAIT_BUYER_PAY', {}, { money: 'waiting', finished: false }],
    ['TRADE_CLOSED', {}, { money: 'closed', refund: undefined }],
    [
      'TRADE_CLOSED',
      { send_pay_date: '2026-11-23 12:00:00' },
      { money: 'paid', refund: { totalFen: 8_880, outRequestNo: undefined } },
    ],
    ['SOMETHING_NEW', {}, { money: 'unknown' }],
  ])('%s %j', async (trade_status, more, fact) => {
    expect(await askWith(says(envelope(QUERY, paid({ trade_status, ...more }))))).toMatchObject({ kind: 'fact', fact })
  })
})

describe('ALI-8 ALI-9 ALI-10 an answer that proves nothing is unknown', () => {
  const fine = paid()
  const lie = paid({ trade_status: 'WAIT_BUYER_PAY' })
  const HOSTILE: readonly (readonly [string, Respond, string])[] = [
    ['HTML', says('<html>busy</html>'), 'not_json'],
    ['nothing', says(''), 'not_json'],
    ['HTTP 500', says(envelope(QUERY, fine), 500), 'http_500'],
    ['HTTP 502 with HTML', says('<html>', 502), 'http_502'],
    ['a redirect', says('', 302, { location: `${origin}/elsewhere` }), 'http_302'],
    ['a redirect that keeps the method', says('', 307, { location: `${origin}/elsewhere` }), 'http_307'],
    ['half a body', says(envelope(QUERY, fine).slice(0, 80)), 'not_json'],
    ['10 MB', says(Buffer.alloc(10 * 1024 * 1024, 'x')), 'too_large'],
    ['bytes that are no UTF-8', says(Buffer.from([0x7b, 0xff, 0x7d])), 'not_utf8'],
    ['a reset connection', (response) => response.destroy(), 'und_err_socket'],
    ['an unsigned success', says(`{"${QUERY}":${fine}}`), 'unsigned'],
    ['an empty signature', says(`{"${QUERY}":${fine},"sign":""}`), 'signature_wrong'],
    ['a made-up signature', says(`{"${QUERY}":${fine},"sign":"AAAA"}`), 'signature_wrong'],
    ["a stranger's signature", says(envelope(QUERY, fine, stranger.privateKey)), 'signature_wrong'],
    ['a changed byte', says(envelope(QUERY, fine).replace('88.80', '88.81')), 'signature_wrong'],
    [
      'the root key twice',
      says(`{"${QUERY}":${lie},"${QUERY}":${fine},"sign":"${signature(fine)}"}`),
      'root_key_doubled',
    ],
    [
      'the root key twice, the other first',
      says(`{"${QUERY}":${fine},"${QUERY}":${lie},"sign":"${signature(fine)}"}`),
      'root_key_doubled',
    ],
    ['another member', says(`{"${QUERY}":${fine},"x":{},"sign":"${signature(fine)}"}`), 'unexpected_member'],
    ['two signatures', says(`{"${QUERY}":${fine},"sign":"AAAA","sign":"${signature(fine)}"}`), 'unexpected_member'],
    ['the signature first', says(`{"sign":"${signature(fine)}","${QUERY}":${fine}}`), 'root_key_missing'],
    ['the answer of another method', says(envelope('alipay_trade_close_response', fine)), 'root_key_missing'],
    ['a signed text instead of an object', says(envelope(QUERY, '"10000"')), 'not_an_object'],
    ['something after the end', says(`${envelope(QUERY, fine)}x`), 'not_json'],
    ['another number', says(envelope(QUERY, paid({ out_trade_no: 'ih1_20261123_b' }))), 'other_number'],
    ['an amount that is none', says(envelope(QUERY, paid({ total_amount: '8.8e1' }))), 'fields_missing'],
    ['an amount as a number', says(envelope(QUERY, paid({ total_amount: 88.8 }))), 'fields_missing'],
  ]
  test.each(HOSTILE)('%s', async (_title, how, reason) => {
    expect(await askWith(how)).toMatchObject({ kind: 'unknown', reason })
  })
})

test('ALI-8 no answer within the time of its kind is unknown', async () => {
  respond = () => undefined
  const hasty = createAlipay({ ...options, timeouts: { query: 50, change: 50 } })
  expect(await hasty.query(NUMBER)).toMatchObject({ kind: 'unknown', reason: 'timeout' })
  expect(await hasty.close(NUMBER)).toMatchObject({ kind: 'unknown', reason: 'timeout' })
})

describe('ALI-10 the classes of alipay.md 8.3', () => {
  const error = (code: string, sub_code: string) =>
    JSON.stringify({ code, msg: 'x', sub_code, sub_msg: 'x', out_trade_no: NUMBER, total_amount: '0.00' })
  test.each([
    ['20000', 'isp.unknow-error', { kind: 'unknown' }],
    ['20000', 'aop.unknow-error', { kind: 'unknown' }],
    ['40004', 'ACQ.SYSTEM_ERROR', { kind: 'unknown' }],
    ['40004', 'ACQ.NEVER_HEARD_OF', { kind: 'unknown' }],
    ['40005', 'isv.app-call-limited', { kind: 'unknown' }],
    ['10003', '', { kind: 'unknown' }],
    ['20001', 'aop.invalid-auth-token', { kind: 'unknown' }],
    ['20001', '', { kind: 'misconfigured' }],
    ['40001', 'isv.missing-app-id', { kind: 'misconfigured' }],
    ['40002', 'isv.invalid-signature', { kind: 'misconfigured', code: 'isv.invalid-signature' }],
    ['40003', 'isv.missing-signature-config', { kind: 'misconfigured' }],
    ['40006', 'isv.insufficient-isv-permissions', { kind: 'misconfigured' }],
    ['40004', 'ACQ.TRADE_NOT_EXIST', { kind: 'not_exist' }],
    ['40004', 'TRADE_NOT_EXIST', { kind: 'not_exist' }],
    ['40004', 'ACQ.INVALID_PARAMETER', { kind: 'refused', code: 'ACQ.INVALID_PARAMETER' }],
  ])('signed %s %s', async (code, sub, expected) => {
    expect(await askWith(says(envelope(QUERY, error(code, sub))))).toMatchObject(expected)
  })

  test('an unsigned error about our app is misconfigured, with its own root key or without', async () => {
    const text = error('40002', 'isv.invalid-app-id')
    const expected = { kind: 'misconfigured', code: 'isv.invalid-app-id' }
    expect(await askWith(says(`{"${QUERY}":${text}}`))).toMatchObject(expected)
    expect(await askWith(says(`{"error_response":${text}}`))).toMatchObject(expected)
    expect(await askWith(says(`{"${QUERY}":${error('40004', 'ACQ.TRADE_NOT_EXIST')}}`))).toMatchObject({
      kind: 'unknown',
    })
  })

  test.each([
    'ACQ.REASON_TRADE_STATUS_INVALID',
    'ACQ.REASON_ILLEGAL_STATUS',
    'ACQ.TRADE_STATUS_ERROR',
    'ACQ.TRADE_HAS_SUCCESS',
  ])('E11 close refused with %s', async (code) => {
    respond = says(envelope('alipay_trade_close_response', error('40004', code)))
    expect(await alipay.close(NUMBER)).toMatchObject({ kind: 'refused', code })
  })

  const wish = { outTradeNo: NUMBER, outRequestNo: 'r1', amount: toFen(8_880), reason: '退款' }
  test.each([
    [
      { fund_change: 'Y', refund_fee: '177.60' },
      { kind: 'fact', fact: { outRequestNo: 'r1', amountFen: 8_880 } },
    ],
    [
      { fund_change: 'N', refund_fee: '88.80' },
      { kind: 'unknown', reason: 'fund_change_absent' },
    ],
    [{ refund_fee: '88.80' }, { kind: 'unknown', reason: 'fund_change_absent' }],
    [
      { fund_change: 'Y', out_trade_no: 'other' },
      { kind: 'unknown', reason: 'other_number' },
    ],
  ])('R5 a refund answered 10000 with %j', async (fields, expected) => {
    respond = says(
      envelope('alipay_trade_refund_response', JSON.stringify({ code: '10000', out_trade_no: NUMBER, ...fields })),
    )
    expect(await alipay.refund(wish)).toMatchObject(expected)
  })

  const known = { out_trade_no: NUMBER, out_request_no: 'r1', refund_amount: '88.80', refund_status: 'REFUND_SUCCESS' }
  test.each([
    [{}, { kind: 'unknown', reason: NO_REFUND_RECORD }],
    [known, { kind: 'fact', fact: { amountFen: 8_880 } }],
    [
      { ...known, refund_status: undefined },
      { kind: 'unknown', reason: NO_REFUND_RECORD },
    ],
    [
      { ...known, out_request_no: 'r2' },
      { kind: 'unknown', reason: 'other_number' },
    ],
  ])('a refund query answered 10000 with %j', async (fields, expected) => {
    const object = JSON.stringify({ code: '10000', ...fields })
    respond = says(envelope('alipay_trade_fastpay_refund_query_response', object))
    expect(await alipay.queryRefund(wish)).toMatchObject(expected)
  })
})

describe('what we ask', () => {
  test('ALI-8 is one POST: a failure is not tried again', async () => {
    let calls = 0
    await askWith((response) => {
      calls += 1
      response.destroy()
    })
    expect(calls).toBe(1)
  })

  test('ALI-25 carries the time of Beijing, to the second, whatever the zone of the process', () => {
    expect(beijingTime(new Date('2026-12-31T16:00:00.999Z'))).toBe('2027-01-01 00:00:00')
    const before = process.env.TZ
    const addresses = ['UTC', 'America/New_York', 'Asia/Shanghai'].map((zone) => {
      process.env.TZ = zone
      return alipay.createPayUrl({
        outTradeNo: NUMBER,
        amount: toFen(10),
        subject: '房',
        timeExpire: new Date('2026-11-23T18:00:00Z'),
        quitUrl: 'https://ihome.example/orders/1',
      })
    })
    process.env.TZ = before
    expect(new Set(addresses).size).toBe(1)
    const fields = new URL(addresses[0] ?? '').searchParams
    expect(fields.get('timestamp')).toBe('2026-11-24 00:30:59')
    expect(fields.get('biz_content')).toContain('"time_expire":"2026-11-24 02:00:00"')
  })

  test('is what the official SDK would ask, and signed as it would sign, to the byte', () => {
    const asked = {
      outTradeNo: NUMBER,
      amount: toFen(254_400),
      subject: '胡同 小院😀 100%+',
      timeExpire: new Date('2026-11-23T18:00:00Z'),
      quitUrl: 'https://ihome.example/orders/1',
    }
    const ours = new URL(alipay.createPayUrl(asked)).searchParams
    const sdk = new AlipaySdk({
      appId: options.appId,
      privateKey: createPrivateKey(pem.app).export({ type: 'pkcs1', format: 'pem' }).toString(),
      alipayPublicKey: pem.gateway,
      gateway: options.gateway,
    })
    const theirs = new URL(
      sdk.pageExecute('alipay.trade.wap.pay', 'GET', {
        bizContent: JSON.parse(ours.get('biz_content') ?? ''),
        format: 'JSON',
        timestamp: '2026-11-24 00:30:59',
        notifyUrl: 'https://ihome.example/api/v1.0/pay/alipay/notify',
        returnUrl: 'https://ihome.example/pay-complete',
      }),
    ).searchParams
    for (const name of ['biz_content', 'timestamp', 'notify_url', 'return_url', 'method', 'app_id', 'sign_type']) {
      expect(ours.get(name)).toBe(theirs.get(name))
    }
    // The SDK names itself too, so its text differs; signing that very text must give its very signature.
    const { sign: signedByThem, ...fields } = Object.fromEntries(theirs)
    const keys = readKeys({ appPrivateKey: pem.app, alipayPublicKey: pem.gateway })
    expect(signText(textToSign(Object.entries(fields)), keys)).toBe(signedByThem)
  })
})

describe('ALI-2 keys', () => {
  const der = { pkcs1: { type: 'pkcs1', format: 'pem' }, pkcs8: { type: 'pkcs8', format: 'pem' } } as const
  test.each(['pkcs1', 'pkcs8'] as const)('an app key as %s works', (form) => {
    const appPrivateKey = app.privateKey.export(der[form]).toString()
    expect(() => createAlipay({ ...options, appPrivateKey })).not.toThrow()
  })

  test.each([
    ['our own public key as that of Alipay', { publicKey: pem.appPublic }, /own public key/],
    ['something that is no key', { publicKey: 'hello-secret' }, /^Alipay's public key cannot be read$/],
    ['no private key', { appPrivateKey: 'hello-secret' }, /^the app private key cannot be read$/],
    [
      'a short key',
      {
        publicKey: generateKeyPairSync('rsa', { modulusLength: 1024 })
          .publicKey.export({ type: 'spki', format: 'pem' })
          .toString(),
      },
      /2048/,
    ],
  ])('%s is refused at once, without its text', (_title, change, reason) => {
    expect(() => createAlipay({ ...options, ...change })).toThrow(reason)
    expect(() => createAlipay({ ...options, ...change })).not.toThrow(/secret/)
  })
})
