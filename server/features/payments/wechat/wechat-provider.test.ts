import { createCipheriv } from 'node:crypto'
import { toFen } from '@ihome/core/money'
import { describe, expect, test } from 'vitest'
import { movableClock } from '../../../platform/testing.ts'
import { classify } from './classify.ts'
import { noticeText } from './notice.ts'
import { authorization, openSealed, readWechatKeys } from './signing.ts'
import { messageOf, startWechatPay } from './testing-wechat-pay.ts'
import { tradeFactOf } from './trade-fact.ts'
import { createWechatPay } from './wechat-provider.ts'

const clock = movableClock()
const wechatPay = await startWechatPay(clock)
const provider = wechatPay.provider('https://ihome.example')
const keys = readWechatKeys(wechatPay.credentials)
let count = 0
const question = () => {
  count += 1
  return {
    outTradeNo: `wechat_20261123_${count}`,
    amount: toFen(8_880),
    subject: '爱家租房',
    timeExpire: new Date(clock.now().getTime() + 3_600_000),
    quitUrl: 'https://ihome.example/orders/1?a=1&b=2',
    payerIp: '203.0.113.9',
  }
}
async function opened() {
  const asked = question()
  const page = await provider.openPage(asked)
  if (page.kind !== 'fact') throw new Error(page.raw)
  return { ...asked, page: page.fact }
}

describe('a request to WeChat Pay', () => {
  test('is signed over method, target, second, nonce and body, and by nobody else it is refused', async () => {
    const header = authorization(keys, { method: 'GET', target: '/v3/x?y=1', body: '' }, clock.now(), 'n0nce')
    expect(header).toMatch(
      /^WECHATPAY2-SHA256-RSA2048 mchid="1900000001",nonce_str="n0nce",signature="[A-Za-z0-9+/]{342}==",timestamp="1795406400",serial_no="[A-F0-9]{40}"$/,
    )
    const stranger = await startWechatPay(clock)
    const { gateway } = stranger.credentials
    const shop = createWechatPay({ ...wechatPay.credentials, gateway, publicOrigin: 'https://ihome.example', clock })
    expect(await shop.query('none')).toMatchObject({ kind: 'misconfigured', code: 'wechat:SIGN_ERROR' })
  })

  test('leads back to the order by an address that is encoded, and lives for four minutes', async () => {
    const { page } = await opened()
    expect(new URL(page.url).searchParams.get('redirect_url')).toBe('https://ihome.example/orders/1?a=1&b=2')
    expect(page.freshUntil).toEqual(new Date(clock.now().getTime() + 240_000))
  })
})

describe('an answer of WeChat Pay', () => {
  test.each([
    ['no_answer', /^(und_err_socket|econnreset|transport)$/],
    ['unsigned', /^sign_missing$/],
    ['wrong_signature', /^sign_wrong$/],
    ['http_500', /^http_500$/],
    ['other_number', /^other_number$/],
  ] as const)('that is spoilt by %s is unknown', async (fault, reason) => {
    const { outTradeNo } = await opened()
    wechatPay.spoil(fault)
    expect(await provider.query(outTradeNo)).toMatchObject({ kind: 'unknown', reason: expect.stringMatching(reason) })
  })

  test.each<[number, string, object]>([
    [404, 'ORDER_NOT_EXIST', { kind: 'not_exist' }],
    [404, 'RESOURCE_NOT_EXISTS', { kind: 'not_exist' }],
    [401, 'SIGN_ERROR', { kind: 'misconfigured', code: 'wechat:SIGN_ERROR' }],
    [403, 'NO_AUTH', { kind: 'misconfigured', code: 'wechat:NO_AUTH' }],
    [400, 'INVALID_REQUEST', { kind: 'refused', code: 'INVALID_REQUEST' }],
    [403, 'NOT_ENOUGH', { kind: 'refused', code: 'NOT_ENOUGH' }],
    [400, 'SOMETHING_NEW', { kind: 'unknown', reason: 'SOMETHING_NEW' }],
    [404, '', { kind: 'unknown', reason: 'http_404' }],
    [429, 'FREQUENCY_LIMITED', { kind: 'unknown', reason: 'http_429' }],
    [500, 'ORDER_NOT_EXIST', { kind: 'unknown', reason: 'http_500' }],
    [302, 'ORDER_NOT_EXIST', { kind: 'unknown', reason: 'http_302' }],
  ])('%i %s is classed', (status, code, expected) => {
    const seal = { timestamp: undefined, nonce: undefined, signature: undefined, serial: undefined }
    const came = { status, text: JSON.stringify({ code }), seal }
    const readFact = () => ({ kind: 'fact', fact: 1, raw: '' }) as const
    expect(classify(came, { keys, at: clock.now(), readFact })).toMatchObject(expected)
    const sealed = { ...came, seal: { timestamp: '1', nonce: 'n', signature: 'AAAA', serial: keys.theirKeyId } }
    expect(classify(sealed, { keys, at: clock.now(), readFact })).toMatchObject({
      kind: 'unknown',
      reason: 'timestamp',
    })
  })

  test('about a trade is read by its state, and an unknown word is never money', () => {
    const trade = (trade_state: string) =>
      tradeFactOf({ out_trade_no: 'a', transaction_id: '42', trade_state, amount: { total: 100 } })?.money
    const words = ['SUCCESS', 'REFUND', 'NOTPAY', 'USERPAYING', 'PAYERROR', 'CLOSED', 'REVOKED', 'ACCEPT']
    expect(words.map(trade)).toEqual(['paid', 'paid', 'waiting', 'waiting', 'waiting', 'closed', 'closed', 'unknown'])
    expect(tradeFactOf({ out_trade_no: 'a', trade_state: 'SUCCESS', amount: { total: 100 } })).toBeUndefined()
    expect(
      tradeFactOf({ out_trade_no: 'a', transaction_id: '4', trade_state: 'SUCCESS', amount: { total: '1' } }),
    ).toBe(undefined)
  })
})

describe('a notification of WeChat Pay', () => {
  const bytes = (text: string) => Buffer.from(text)

  test('is believed for five minutes after it came, and later only by when it came', async () => {
    const { page } = await opened()
    const message = bytes(messageOf(wechatPay.pay(page.url)))
    const cameAt = clock.now()
    expect(provider.parseNotify(message)).toMatchObject({
      kind: 'genuine',
      noticeId: expect.stringMatching(/^wechat:EV-/),
    })
    clock.advance(301_000)
    expect(provider.parseNotify(message)).toEqual({ kind: 'forged', reason: 'timestamp' })
    expect(provider.parseNotify(message, cameAt)).toMatchObject({ kind: 'genuine' })
  })

  test('is not one when its key, form or sealing is not ours', async () => {
    const { page } = await opened()
    const sent = wechatPay.pay(page.url)
    const seal = { timestamp: sent.headers['wechatpay-timestamp'], nonce: sent.headers['wechatpay-nonce'] }
    const signature = sent.headers['wechatpay-signature']
    const other = noticeText({ ...seal, serial: 'PUB_KEY_ID_2', signature }, sent.body)
    expect(provider.parseNotify(bytes(other))).toEqual({ kind: 'forged', reason: 'other_key' })
    expect(provider.parseNotify(bytes(sent.body))).toMatchObject({ kind: 'malformed', genuine: false })
    expect(provider.parseNotify(Buffer.from([0xff, 0xfe]))).toMatchObject({ kind: 'malformed', genuine: false })
    const credentials = { ...wechatPay.credentials, apiV3Key: 'x'.repeat(32) }
    const otherKey = createWechatPay({ ...credentials, publicOrigin: 'https://ihome.example', clock })
    expect(otherKey.parseNotify(bytes(messageOf(sent)))).toMatchObject({ reason: 'sealed_for_others', genuine: true })
  })

  test('is opened by AES-256-GCM with its associated data', () => {
    const key = 'k'.repeat(32)
    const cipher = createCipheriv('aes-256-gcm', key, 'n'.repeat(12), { authTagLength: 16 })
    cipher.setAAD(Buffer.from('about'))
    const ciphertext = Buffer.concat([cipher.update('爱家'), cipher.final(), cipher.getAuthTag()]).toString('base64')
    const sealed = { ciphertext, nonce: 'n'.repeat(12), associatedData: 'about' }
    expect(openSealed(sealed, key)).toBe('爱家')
    expect(openSealed({ ...sealed, associatedData: 'other' }, key)).toBeUndefined()
    expect(openSealed({ ...sealed, ciphertext: 'AAAA' }, key)).toBeUndefined()
    expect(openSealed(sealed, 'j'.repeat(32))).toBeUndefined()
  })
})
