import { constants, createSign, generateKeyPairSync, sign as signBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { encodeGbk } from './gbk.ts'
import { SIGNATURE_CAUSES, type SignatureCause } from './signature-causes.ts'
import { explainSignature } from './signature-helper.ts'

const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 })
const own = pair()
const alipay = pair()
const other = pair()

const REQUEST = {
  app_id: '9021000000000001',
  method: 'alipay.trade.query',
  charset: 'utf-8',
  sign_type: 'RSA2',
  timestamp: '2026-11-23 12:00:00',
  version: '1.0',
  app_auth_token: '',
  biz_content: '{"out_trade_no": "a+b c&d", "subject": "房/间"}',
}
type Fields = Readonly<Record<string, string>>

/** An independent merchant: the rule as the documents have it. */
const rule = (fields: Fields) =>
  Object.entries(fields)
    .filter(([key, value]) => key !== 'sign' && value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join('&')

const signed = (text: string | Buffer, key = own.privateKey) =>
  createSign('RSA-SHA256').update(text).sign(key, 'base64')

const changed = (fields: Fields, change: (value: string) => string): Fields =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, change(value)]))

const explain = (received: Fields, appKey = own.publicKey) =>
  explainSignature({
    params: received,
    appKey,
    alipayKey: alipay.publicKey,
    otherKeys: [{ name: 'app 9021000000000002', publicKey: other.publicKey }],
  })

/** What arrives when the merchant errs. */
const MISTAKES: Readonly<Record<Exclude<SignatureCause, 'app_key_is_alipays'>, () => Fields>> = {
  sign_type_dropped() {
    const { sign_type: _, ...rest } = REQUEST
    return { ...REQUEST, sign: signed(rule(rest)) }
  },
  empties_kept() {
    const text = Object.keys(REQUEST)
      .sort()
      .map((key) => `${key}=${(REQUEST as Fields)[key]}`)
      .join('&')
    return { ...REQUEST, sign: signed(text) }
  },
  sign_plus_damaged() {
    for (let nonce = 0; ; nonce += 1) {
      const fields = { ...REQUEST, nonce: String(nonce) }
      const sign = signed(rule(fields))
      if (sign.includes('+')) return { ...fields, sign: sign.replaceAll('+', ' ') }
    }
  },
  plus_damaged: () => ({
    ...REQUEST,
    biz_content: '{"subject":"a b"}',
    sign: signed(rule({ ...REQUEST, biz_content: '{"subject":"a+b"}' })),
  }),
  double_encoded: () => ({ ...changed(REQUEST, encodeURIComponent), sign: signed(rule(REQUEST)) }),
  signed_encoded: () => ({ ...REQUEST, sign: signed(rule(changed(REQUEST, encodeURIComponent))) }),
  sign_double_encoded: () => ({ ...REQUEST, sign: encodeURIComponent(signed(rule(REQUEST))) }),
  wrong_key: () => ({ ...REQUEST, sign: signed(rule(REQUEST), other.privateKey) }),
  key_not_read: () => ({ ...REQUEST, sign: 'undefined' }),
  padding_pss: () => ({
    ...REQUEST,
    sign: signBytes('RSA-SHA256', Buffer.from(rule(REQUEST)), {
      key: own.privateKey,
      padding: constants.RSA_PKCS1_PSS_PADDING,
    }).toString('base64'),
  }),
  wrong_charset: () => ({ ...REQUEST, sign: signed(encodeGbk(rule(REQUEST))) }),
  sha1: () => ({ ...REQUEST, sign: createSign('RSA-SHA1').update(rule(REQUEST)).sign(own.privateKey, 'base64') }),
  not_sorted() {
    const pairs = Object.entries(REQUEST).filter(([, value]) => value !== '')
    return { ...REQUEST, sign: signed(pairs.map(([key, value]) => `${key}=${value}`).join('&')) }
  },
  html_escaped: () => ({ ...REQUEST, sign: signed(rule(changed(REQUEST, (value) => value.replaceAll('&', '&amp;')))) }),
  parameter_not_signed: () => ({ ...REQUEST, notify_url: 'http://127.0.0.1/n', sign: signed(rule(REQUEST)) }),
  biz_content_rewritten: () => ({
    ...REQUEST,
    sign: signed(rule({ ...REQUEST, biz_content: JSON.stringify(JSON.parse(REQUEST.biz_content)) })),
  }),
  not_a_signature: () => ({ ...REQUEST, sign: 'c2lnbg==' }),
  unknown: () => ({ ...REQUEST, sign: signed(rule(REQUEST), pair().privateKey) }),
}

describe('the signature helper (SBX-12)', () => {
  test.each(Object.entries(MISTAKES))('SBX-12 %s is named', (cause, mistake) => {
    const received = mistake()
    expect(explain(received)).toMatchObject({ cause, computed: rule(received) })
  })

  test('SBX-12 the cause is told in Chinese and in English, with the name of what it is about', () => {
    const { zh, en } = explain(MISTAKES.wrong_key())
    expect(zh).toBe('是用另一把钥匙签的：app 9021000000000002。')
    expect(en).toBe('Signed with the key of another pair: app 9021000000000002.')
    expect(explain(MISTAKES.parameter_not_signed()).en).toContain('notify_url')
    for (const { zh, en } of Object.values(SIGNATURE_CAUSES)) {
      expect(zh).toMatch(/[\u4e00-\u9fff].*。$/)
      expect(en).toMatch(/^[ -~]+\.$/)
    }
  })

  test("SBX-12 Alipay's public key registered as the app's is named before anything else", () => {
    expect(explain({ ...REQUEST, sign: signed(rule(REQUEST)) }, alipay.publicKey).cause).toBe('app_key_is_alipays')
  })

  test("SBX-12 a request signed with Alipay's own private key names Alipay's pair", () => {
    const help = explain({ ...REQUEST, sign: signed(rule(REQUEST), alipay.privateKey) })
    expect([help.cause, help.en]).toEqual(['wrong_key', 'Signed with the key of another pair: Alipay.'])
  })

  test('SBX-12 mistakes in a GBK request are named too', () => {
    const request = { ...REQUEST, charset: 'GBK' }
    expect(explain({ ...request, sign: signed(rule(request)) }).cause).toBe('wrong_charset')
    const { sign_type: _, ...rest } = request
    expect(explain({ ...request, sign: signed(encodeGbk(rule(rest))) }).cause).toBe('sign_type_dropped')
  })

  test('SBX-12 values that no decoder could read point to the character set', () => {
    const garbled = { ...REQUEST, biz_content: '{"subject":"\uFFFD\uFFFD"}', sign: signed('whatever') }
    expect(explain(garbled).cause).toBe('wrong_charset')
  })

  test('SBX-12 biz_content that was written by another serializer is recognised', () => {
    const python = '{"out_trade_no": "1", "goods": [{"name": "\\\\u623f"}, 2]}'
    const received = { ...REQUEST, biz_content: '{"out_trade_no":"1","goods":[{"name":"房"},2]}' }
    const sign = signed(rule({ ...received, biz_content: python.replace('\\\\', '\\') }))
    expect(explain({ ...received, sign }).cause).toBe('biz_content_rewritten')
  })
})
