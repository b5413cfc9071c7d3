import { AlipaySdk } from 'alipay-sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SERVER_METHODS } from './api/registry.ts'
import { type AlipaySandbox, startAlipaySandbox } from './index.ts'
import { ANSWER_READERS, readsTrue } from './testing/answer-readers.ts'
import { CLIENT_STYLES, sendIn } from './testing/client-styles.ts'
import { sharedKeys } from './testing/keys.ts'
import { commonParams, payUrl, signRequest } from './testing/merchant.ts'
import { fieldsOf, type Receiver, startReceiver } from './testing/receiver.ts'

const QUERY = 'alipay.trade.query'
const CLOSE = 'alipay.trade.close'
const REFUND = 'alipay.trade.refund'
const REFUND_QUERY = 'alipay.trade.fastpay.refund.query'
const BILL = 'alipay.data.dataservice.bill.downloadurl.query'
const CERTIFICATE = 'alipay.open.app.alipaycert.download'
const TRANSFER = 'alipay.fund.trans.uni.transfer'
const TRANSFER_QUERY = 'alipay.fund.trans.common.query'
/** Where cutting by search goes wrong, if it can: quotes, slashes, key names, braces, line separators, other scripts. */
const TRICKY = 'k="v","sign":"x"/<b>{"a":1}\\ \u2028\u2029é房😀\t</b>'

const TRANSFER_ORDER = {
  out_biz_no: 'out_1',
  trans_amount: '1.50',
  product_code: 'TRANS_ACCOUNT_NO_PWD',
  biz_scene: 'DIRECT_TRANSFER',
  order_title: '房租 / 结算',
  payee_info: { identity: 'payee@example.com', identity_type: 'ALIPAY_LOGON_ID', name: '李四' },
}

/** A call of each simulated method and what it is answered, first a success and then a refusal. */
const CALLS: readonly {
  readonly method: string
  readonly biz: Readonly<Record<string, unknown>>
  readonly code: string
}[] = [
  { method: QUERY, biz: { out_trade_no: 'paid_1', query_options: ['fund_bill_list'] }, code: '10000' },
  { method: QUERY, biz: { out_trade_no: 'none/at"all' }, code: '40004' },
  {
    method: REFUND,
    biz: {
      out_trade_no: 'paid_1',
      refund_amount: '1.00',
      out_request_no: 'r1',
      query_options: ['refund_detail_item_list'],
    },
    code: '10000',
  },
  { method: REFUND, biz: { out_trade_no: 'paid_1', refund_amount: '9999.00', out_request_no: 'r2' }, code: '40004' },
  {
    method: REFUND_QUERY,
    biz: { out_trade_no: 'paid_1', out_request_no: 'r1', query_options: ['gmt_refund_pay'] },
    code: '10000',
  },
  { method: REFUND_QUERY, biz: { out_trade_no: 'paid_1', out_request_no: 'unknown' }, code: '10000' },
  { method: REFUND_QUERY, biz: { out_trade_no: 'none', out_request_no: 'r1' }, code: '40004' },
  { method: CLOSE, biz: { out_trade_no: 'waiting_1' }, code: '10000' },
  { method: CLOSE, biz: { out_trade_no: 'paid_1' }, code: '40004' },
  { method: BILL, biz: { bill_type: 'trade', bill_date: '2026-11-23' }, code: '10000' },
  { method: BILL, biz: { bill_type: 'trade', bill_date: 'today' }, code: '40004' },
]
const CERT_CALLS: typeof CALLS = [
  { method: QUERY, biz: { out_trade_no: 'paid_1' }, code: '10000' },
  { method: TRANSFER, biz: TRANSFER_ORDER, code: '10000' },
  { method: TRANSFER, biz: { ...TRANSFER_ORDER, trans_amount: '2.00' }, code: '40004' },
  {
    method: TRANSFER_QUERY,
    biz: { out_biz_no: 'out_1', product_code: 'TRANS_ACCOUNT_NO_PWD', biz_scene: 'DIRECT_TRANSFER' },
    code: '10000',
  },
  { method: CERTIFICATE, biz: { alipay_cert_sn: 'unknown' }, code: '40004' },
]

let sandbox: AlipaySandbox
let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
  sandbox = await startAlipaySandbox({
    port: 0,
    memory: true,
    keys: await sharedKeys(),
    clock: { now: () => new Date('2026-11-23T04:00:00Z') },
    settings: { refund_interval: 'off', wrong_password_creates_trade: true },
    accounts: [{ role: 'payee', logonId: 'payee@example.com', displayName: '李四' }],
  })
  const paid = { out_trade_no: 'paid_1', passback_params: TRICKY, subject: TRICKY, body: TRICKY }
  await sandbox.pay({ payUrl: payUrl(sandbox, paid, { notify_url: receiver.url }) })
  await sandbox.pay({
    payUrl: payUrl(sandbox, { out_trade_no: 'waiting_1', time_expire: '2026-12-05 12:00:00' }),
    outcome: 'wrong_password',
  })
  await sandbox.clock.advance(30 * 3_600_000)
})
afterAll(async () => {
  await sandbox.stop()
  await receiver.stop()
})

const signed = (method: string, biz: unknown, more: Readonly<Record<string, string>> = {}) =>
  signRequest({ ...commonParams(sandbox, method, biz), ...more }, sandbox.merchant.appPrivateKey)
const codeIn = (raw: string, method: string) => JSON.parse(raw)[`${method.replaceAll('.', '_')}_response`].code

describe('a hand-written client for the styles A to E, read as the SDKs of other languages read', () => {
  test.each(CLIENT_STYLES)(
    'SBX-76 SBX-1 style %s: every method is answered, and every reader finds the signature true',
    async (style) => {
      for (const { method, biz, code } of CALLS) {
        const raw = await sendIn(style, sandbox, signed(method, biz))
        const at = `${style} ${method} ${JSON.stringify(biz)}: ${raw}`
        // A trade is closed once; the styles after the first one hear so.
        if (method !== CLOSE) expect(codeIn(raw, method), at).toBe(code)
        for (const reader of ANSWER_READERS) {
          expect(readsTrue(reader, raw, method, sandbox.merchant.alipayPublicKeyPem), `${reader.sdk}: ${at}`).toBe(true)
        }
      }
    },
  )

  test.each(CLIENT_STYLES)(
    'SBX-76 SBX-56 style %s in certificate mode, for the readers that have one',
    async (style) => {
      const { appCertSn, alipayRootCertSn, alipayCertSn } = await sandbox.certificates()
      const sns = { app_cert_sn: appCertSn, alipay_root_cert_sn: alipayRootCertSn }
      const calls = [...CERT_CALLS, { method: CERTIFICATE, biz: { alipay_cert_sn: alipayCertSn }, code: '10000' }]
      for (const { method, biz, code } of calls) {
        const raw = await sendIn(style, sandbox, signed(method, biz, sns))
        const at = `${style} ${method} ${JSON.stringify(biz)}: ${raw}`
        expect(codeIn(raw, method), at).toBe(code)
        expect(raw).toContain(`},"alipay_cert_sn":"${alipayCertSn}","sign":"`)
        for (const reader of ANSWER_READERS.filter((one) => one.certificates)) {
          expect(readsTrue(reader, raw, method, sandbox.merchant.alipayPublicKeyPem), `${reader.sdk}: ${at}`).toBe(true)
        }
      }
    },
  )

  test('SBX-76 no simulated method is left out', () => {
    const called = new Set([...CALLS, ...CERT_CALLS].map(({ method }) => method))
    expect(Object.keys(SERVER_METHODS).filter((method) => !called.has(method))).toEqual([])
  })

  test('SBX-76 the readers are strict: one changed byte, a doubled root key or another order is noticed', async () => {
    const raw = await sendIn('B', sandbox, signed(QUERY, { out_trade_no: 'paid_1' }))
    const changed = raw.replace('"total_amount":"88.80"', '"total_amount":"88.81"')
    for (const reader of ANSWER_READERS) {
      expect(readsTrue(reader, changed, QUERY, sandbox.merchant.alipayPublicKeyPem), reader.sdk).toBe(false)
    }
    const spoilt = [
      raw.replace('{"alipay', ' {"alipay'),
      raw.replace('_response":{', '_response": {'),
      raw.replace(',"sign"', ',"alipay_trade_query_response":{"code":"10000"},"sign"'),
    ]
    for (const text of spoilt) {
      const verdicts = ANSWER_READERS.map((reader) => {
        try {
          return readsTrue(reader, text, QUERY, sandbox.merchant.alipayPublicKeyPem)
        } catch {
          return false
        }
      })
      expect(verdicts, text).toContain(false)
    }
  })

  test('SBX-76 SBX-6 a brace that is not closed is sent as it is, with a hint for users of the one reader that counts', async () => {
    const hinted = () => sandbox.control.state().warnings.filter(({ text }) => text.includes('counts braces')).length
    const before = hinted()
    const query = (no: string) => sendIn('B', sandbox, signed(QUERY, { out_trade_no: no }))
    await query('paid_1')
    expect(hinted()).toBe(before)
    for (const [no, passback_params] of Object.entries({ open: 'a{', closed: 'a}', late: '}{' })) {
      await sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: no, passback_params }) })
      const raw = await query(no)
      expect(raw).toContain(`"passback_params":"${passback_params}"`)
      expect(sandbox.control.requests({ outTradeNo: no, method: QUERY })[0]?.notes).toEqual([
        expect.stringContaining('python-alipay-sdk'),
      ])
      const others = ANSWER_READERS.filter(({ sdk }) => sdk !== 'Python, counted braces')
      expect(others).toHaveLength(ANSWER_READERS.length - 1)
      for (const reader of others) {
        expect(readsTrue(reader, raw, QUERY, sandbox.merchant.alipayPublicKeyPem), `${reader.sdk}: ${raw}`).toBe(true)
      }
    }
    expect(hinted()).toBe(before + 3)
  })

  test('SBX-76 refusals before the business are read by all of them too', async () => {
    const wrong = { ...signed(QUERY, { out_trade_no: 'paid_1' }), sign: 'AAAA' }
    for (const params of [wrong, signed(QUERY, '{'), signed(QUERY, {}, { timestamp: 'x' })]) {
      const raw = await sendIn('B', sandbox, params)
      expect(codeIn(raw, QUERY)).toBe('40002')
      for (const reader of ANSWER_READERS) {
        expect(readsTrue(reader, raw, QUERY, sandbox.merchant.alipayPublicKeyPem), `${reader.sdk}: ${raw}`).toBe(true)
      }
    }
  })
})

describe('alipay-sdk 4.x, unchanged', () => {
  const sdkIn = async (mode: 'key' | 'certificate') =>
    new AlipaySdk(mode === 'key' ? sandbox.sdkConfig : await sandbox.certSdkConfig())

  test('SBX-76 exec with validateSign works for every method, in key mode and in certificate mode', async () => {
    for (const mode of ['key', 'certificate'] as const) {
      const sdk = await sdkIn(mode)
      for (const { method, biz, code } of mode === 'key' ? CALLS : CERT_CALLS) {
        if (method === CLOSE) continue
        const answer = await sdk.exec(method, { bizContent: biz }, { validateSign: true })
        expect({ mode, method, biz, code: answer.code }).toEqual({ mode, method, biz, code })
      }
    }
  })

  test('SBX-76 SBX-3 pageExecute opens the cashier by GET and by POST, for wap and for page', async () => {
    const sdk = await sdkIn('key')
    for (const product of ['wap', 'page'] as const) {
      const bizContent = {
        out_trade_no: `sdk_${product}`,
        total_amount: '12.00',
        subject: '房 a+b %',
        product_code: product === 'wap' ? 'QUICK_WAP_WAY' : 'FAST_INSTANT_TRADE_PAY',
      }
      const wish = { bizContent, returnUrl: 'http://127.0.0.1:1/return', notifyUrl: receiver.url }
      const url = sdk.pageExecute(`alipay.trade.${product}.pay`, 'GET', wish)
      expect((await fetch(url, { redirect: 'manual' })).status).toBe(302)
      const form = sdk.pageExecute(`alipay.trade.${product}.pay`, 'POST', wish)
      const action = /action="([^"]+)"/.exec(form)?.[1] ?? ''
      const inputs = [...form.matchAll(/name="([^"]+)" value="([^"]*)"/g)]
      const fields = inputs.map(([, name = '', value = '']): [string, string] => [
        name,
        value.replaceAll('&quot;', '"'),
      ])
      const opened = await fetch(action, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
      expect(opened.status).toBe(302)
    }
  })

  test('SBX-76 SBX-34 notifies and return addresses pass checkNotifySignV2 in both modes', async () => {
    const { returnUrl = '' } = await sandbox.pay({
      payUrl: payUrl(
        sandbox,
        { out_trade_no: 'sdk_n', passback_params: 'a%26b', subject: 'a+b=c&d' },
        { notify_url: receiver.url, return_url: 'http://127.0.0.1:1/r' },
      ),
    })
    await sandbox.waitForNotify({ outTradeNo: 'sdk_n' })
    const body = receiver.bodies.find((one) => fieldsOf(one).out_trade_no === 'sdk_n') ?? ''
    for (const mode of ['key', 'certificate'] as const) {
      const sdk = await sdkIn(mode)
      expect(sdk.checkNotifySignV2(fieldsOf(body)), mode).toBe(true)
      expect(sdk.checkNotifySignV2(fieldsOf(new URL(returnUrl).search)), mode).toBe(true)
      expect(sdk.checkNotifySignV2({ ...fieldsOf(body), total_amount: '0.01' }), mode).toBe(false)
    }
  })
})
