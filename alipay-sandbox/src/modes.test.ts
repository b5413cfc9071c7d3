import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AlipaySandbox, type SandboxKeys, startAlipaySandbox } from './index.ts'
import type { Settings } from './settings.ts'
import { handClock } from './testing/bare-engine.ts'
import { sharedKeys } from './testing/keys.ts'
import { callGateway, payUrl, verifyV1 } from './testing/merchant.ts'
import { fieldsOf, type Receiver, startReceiver } from './testing/receiver.ts'

let keys: SandboxKeys
let sandbox: AlipaySandbox
let receiver: Receiver

beforeAll(async () => {
  keys = await sharedKeys()
  receiver = await startReceiver()
})
afterAll(() => receiver.stop())
beforeEach(async () => {
  sandbox = await startAlipaySandbox({ port: 0, memory: true, keys, clock: handClock() })
  receiver.bodies.length = 0
})
afterEach(() => sandbox.stop())

const DAY = 86_400_000
const set = (patch: Partial<Settings>) => sandbox.control.changeSettings(patch)
const call = async (method: string, biz: unknown) => (await callGateway(sandbox, `alipay.trade.${method}`, biz)).answer
const urlOf = (biz: Readonly<Record<string, unknown>>, product: 'wap' | 'page' = 'wap') =>
  payUrl(sandbox, biz, { notify_url: receiver.url, return_url: 'http://127.0.0.1:1/back' }, product)
const pay = (outTradeNo: string, more: Readonly<Record<string, unknown>> = {}) =>
  sandbox.pay({ payUrl: urlOf({ out_trade_no: outTradeNo, ...more }) })

async function messages() {
  await sandbox.clock.settle()
  return receiver.bodies.splice(0).map(fieldsOf)
}

describe('the end of the refund window (SBX-33)', () => {
  test('SBX-33 after 366 days: TRADE_FINISHED, told to the merchant, and no refund any more', async () => {
    await pay('w1')
    await messages()
    await sandbox.clock.advance(365 * DAY - 1)
    expect((await call('query', { out_trade_no: 'w1' })).trade_status).toBe('TRADE_SUCCESS')
    await sandbox.clock.advance(DAY + 1)
    expect((await call('query', { out_trade_no: 'w1' })).trade_status).toBe('TRADE_FINISHED')
    const [told, ...more] = await messages()
    expect(told).toMatchObject({ trade_status: 'TRADE_FINISHED', out_trade_no: 'w1', total_amount: '88.80' })
    expect(told).not.toHaveProperty('refund_fee')
    expect([verifyV1(told ?? {}, sandbox.merchant.alipayPublicKeyPem), more.length]).toEqual([true, 0])
    const refused = await call('refund', { out_trade_no: 'w1', refund_amount: '1' })
    expect(refused.sub_code).toBe('ACQ.TRADE_HAS_FINISHED')
  })

  test('SBX-33 the window is a setting that holds from the payment on', async () => {
    await set({ refund_window_days: 1 })
    await pay('w2')
    await set({ refund_window_days: 30 })
    await pay('w3')
    await sandbox.clock.advance(DAY)
    expect((await call('query', { out_trade_no: 'w2' })).trade_status).toBe('TRADE_FINISHED')
    expect((await call('query', { out_trade_no: 'w3' })).trade_status).toBe('TRADE_SUCCESS')
  })

  test('SBX-33 the repeat of a refund is still answered after the window', async () => {
    await pay('w4')
    await call('refund', { out_trade_no: 'w4', refund_amount: '1', out_request_no: 'r' })
    await sandbox.clock.advance(366 * DAY)
    const again = await call('refund', { out_trade_no: 'w4', refund_amount: '1', out_request_no: 'r' })
    expect(again).toMatchObject({ code: '10000', fund_change: 'N' })
  })
})

describe('who the buyer is (SBX-33)', () => {
  test.each([
    ['user_id', /^2088\d{12}$/, ['buyer_user_id', 'buyer_id']],
    ['open_id', /^0[0-9A-Za-z]{46}$/, ['buyer_open_id', 'buyer_open_id']],
  ] as const)('SBX-33 id_mode %s', async (mode, shape, [inAnswers, inMessages]) => {
    await set({ id_mode: mode })
    const payment = await pay('i1')
    const query = await call('query', { out_trade_no: 'i1' })
    const refund = await call('refund', { out_trade_no: 'i1', refund_amount: '1' })
    const told = await messages()
    expect(told).toHaveLength(2)
    for (const answer of [query, refund]) expect(answer[inAnswers]).toMatch(shape)
    for (const fields of told) {
      expect(fields[inMessages]).toBe(query[inAnswers])
      expect(verifyV1(fields, sandbox.merchant.alipayPublicKeyPem)).toBe(true)
    }
    const said = JSON.stringify([query, refund, told, payment.returnUrl])
    expect(/buyer_user_id|buyer_id/.test(said)).toBe(mode === 'user_id')
    expect(said.includes(payment.trade?.buyerId ?? '?')).toBe(mode === 'user_id')
  })
})

describe('what refund messages say (section 11)', () => {
  test('gmt_refund without a fraction, refund_fee of this refund alone', async () => {
    await set({ gmt_refund_fraction: false, notify_refund_fee: 'single' })
    await pay('g1')
    for (const no of ['a', 'b']) {
      await call('refund', { out_trade_no: 'g1', refund_amount: '10', out_request_no: no })
      await sandbox.clock.advance(3000)
    }
    const [, first, second] = await messages()
    expect(first).toMatchObject({ refund_fee: '10.00', gmt_refund: '2026-11-23 12:00:00' })
    expect(second).toMatchObject({ refund_fee: '10.00', gmt_refund: '2026-11-23 12:00:03' })
  })
})

describe('the limits of the official sandbox (SBX-70)', () => {
  test('SBX-70 a refund must equal the payment, and one call is all a trade gets, successful or not', async () => {
    const refund = (no: string, amount: string, requestNo = 'r') =>
      call('refund', { out_trade_no: no, refund_amount: amount, out_request_no: requestNo })
    for (const no of ['l1', 'l2']) await pay(no)
    await set({ official_sandbox_limits: true })
    expect((await refund('l1', '10')).sub_code).toBe('ACQ.REFUND_AMT_NOT_EQUAL_TOTAL')
    expect((await refund('l1', '88.80')).sub_code).toBe('ACQ.TRADE_NOT_ALLOW_REFUND')
    expect(await refund('l2', '88.80')).toMatchObject({ code: '10000', fund_change: 'Y' })
    expect((await refund('l2', '88.80')).sub_code).toBe('ACQ.TRADE_NOT_ALLOW_REFUND')
    expect(sandbox.control.trade('l1').refundedFen).toBe(0)

    await set({ official_sandbox_limits: false })
    expect(await refund('l1', '10')).toMatchObject({ code: '10000', fund_change: 'Y' })
    expect(await refund('l2', '88.80')).toMatchObject({ code: '10000', fund_change: 'N' })
  })

  test('SBX-70 no expiry more than fifteen hours ahead, which is also the default', async () => {
    const open = (biz: Readonly<Record<string, unknown>>, product: 'wap' | 'page') =>
      sandbox.pay({ payUrl: urlOf(biz, product), outcome: 'tab_closed' })
    await set({ official_sandbox_limits: true })
    for (const late of [
      { time_expire: '2026-11-24 03:00:01' },
      { timeout_express: '16h' },
      { timeout_express: '1d' },
    ]) {
      await expect(open({ out_trade_no: 'e1', ...late }, 'page')).rejects.toThrow('ACQ.INVALID_PARAMETER')
      await expect(open({ out_trade_no: 'e1', ...late }, 'wap')).rejects.toThrow('ACQ.INVALID_PARAMETER')
    }
    await open({ out_trade_no: 'e2', time_expire: '2026-11-24 03:00:00' }, 'wap')
    const { trade } = await open({ out_trade_no: 'e3' }, 'page')
    expect(trade?.expiresAt.toISOString()).toBe('2026-11-23T19:00:00.000Z')

    await set({ official_sandbox_limits: false })
    await open({ out_trade_no: 'e4', time_expire: '2026-12-08 12:00:00' }, 'wap')
  })

  test('SBX-70 wap payments by the app only, page payments anywhere', async () => {
    await set({ official_sandbox_limits: true })
    await expect(pay('a1')).rejects.toThrow('ACQ.ACCESS_FORBIDDEN')
    expect((await call('query', { out_trade_no: 'a1' })).sub_code).toBe('ACQ.TRADE_NOT_EXIST')
    const inApp = await sandbox.pay({ payUrl: urlOf({ out_trade_no: 'a1' }), via: 'app_android' })
    expect(inApp.trade?.status).toBe('TRADE_SUCCESS')
    const page = await sandbox.pay({ payUrl: urlOf({ out_trade_no: 'a2' }, 'page') })
    expect(page.trade?.status).toBe('TRADE_SUCCESS')

    await set({ official_sandbox_limits: false })
    expect((await pay('a3')).trade?.status).toBe('TRADE_SUCCESS')
  })
})

describe('strict mode (SBX-51)', () => {
  const ODD: readonly [string, Readonly<Record<string, unknown>>, string][] = [
    ['a slash in the subject', { subject: 'a/b' }, 'ACQ.INVALID_PARAMETER'],
    ['an equals sign in the subject', { subject: 'a=b' }, 'ACQ.INVALID_PARAMETER'],
    ['an ampersand in the subject', { subject: 'a&b' }, 'ACQ.INVALID_PARAMETER'],
    ['a value that names a parameter', { body: 'my total_fee here' }, 'isv.suspected-attack'],
    ['a script in a value', { subject: '<script>x' }, 'isv.suspected-attack'],
    ['an unknown business parameter', { sub_ject: 'x' }, 'ACQ.INVALID_PARAMETER'],
    ["another product's parameter", { qr_pay_mode: '1' }, 'ACQ.INVALID_PARAMETER'],
  ]

  test.each(ODD)('SBX-51 %s: warned at first, refused when strict', async (_what, biz, code) => {
    const { length } = sandbox.control.state().warnings
    expect((await pay('s1', biz)).trade?.status).toBe('TRADE_SUCCESS')
    expect(sandbox.control.state().warnings.slice(length)).toMatchObject([{ text: expect.stringContaining(code) }])
    await set({ strict_mode: true })
    await expect(pay('s2', biz)).rejects.toThrow(code)
  })

  test('SBX-51 an ordinary payment, query and refund pass in strict mode without a remark', async () => {
    await set({ strict_mode: true })
    await pay('s3', { body: '两晚', passback_params: 'o%3D1', quit_url: 'http://127.0.0.1/q' })
    await call('query', { out_trade_no: 's3', query_options: ['fund_bill_list'] })
    const refund = await call('refund', {
      out_trade_no: 's3',
      refund_amount: '1',
      out_request_no: 'r',
      refund_reason: 'x',
    })
    expect(refund.code).toBe('10000')
    expect(sandbox.control.state().warnings).toEqual([])
  })

  test('SBX-51 server calls are held to their lists as well', async () => {
    await set({ strict_mode: true })
    expect((await call('query', { out_trade_no: 'x', total: 1 })).sub_code).toBe('ACQ.INVALID_PARAMETER')
    expect((await call('close', { out_trade_no: 'x', note: 'out_trade_no=1' })).sub_code).toBe('isv.suspected-attack')
  })
})

describe('buyers who err (SBX-68)', () => {
  test('SBX-68 a wrong password as often as told, in one visit', async () => {
    const visit = (wrongTries: number) =>
      sandbox.pay({ payUrl: urlOf({ out_trade_no: 'p1' }), outcome: 'wrong_password', wrongTries })
    await visit(4)
    expect(sandbox.control.accounts().some((one) => one.lockedUntil)).toBe(false)
    await visit(1)
    expect(sandbox.control.accounts().some((one) => one.lockedUntil)).toBe(true)
    await expect(pay('p1')).rejects.toThrow('locked')
  })

  test('SBX-68 a payment after the expiry is forced through for page.pay as well', async () => {
    const url = urlOf({ out_trade_no: 'p2', time_expire: '2026-11-23 12:30:00' }, 'page')
    const { trade } = await sandbox.pay({ payUrl: url, outcome: 'after_expiry' })
    expect(trade).toMatchObject({ status: 'TRADE_SUCCESS', expiresAt: new Date('2026-11-23T04:30:00Z') })
    expect(trade?.paidAt?.toISOString()).toBe('2026-11-23T04:30:01.000Z')
    await sandbox.clock.advance(DAY)
    expect((await call('query', { out_trade_no: 'p2' })).trade_status).toBe('TRADE_SUCCESS')
  })
})
