import { createVerify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { cashierPort } from './engine/cashier-port.ts'
import { openCheckout } from './engine/checkouts.ts'
import { FAULT_KINDS } from './engine/fault-kinds.ts'
import { addFault } from './engine/faults.ts'
import {
  type AlipaySandbox,
  FAULTS,
  type FaultKind,
  type FaultSpec,
  type SandboxKeys,
  startAlipaySandbox,
} from './index.ts'
import { bareEngine, handClock } from './testing/bare-engine.ts'
import { sharedKeys } from './testing/keys.ts'
import { callGateway, commonParams, payUrl, readAnswer, signRequest, verifyV1 } from './testing/merchant.ts'
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
  receiver.contentTypes.length = 0
})
afterEach(() => sandbox.stop())

async function paidWith(spec: FaultSpec) {
  await sandbox.faults.add(spec)
  await sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: 'f' }, { notify_url: receiver.url }) })
  await sandbox.clock.settle()
  return receiver.bodies.map(fieldsOf)
}

function verifiesAs(algorithm: string, { sign = '', sign_type: _, ...fields }: Readonly<Record<string, string>> = {}) {
  const text = Object.keys(fields)
    .sort()
    .map((key) => `${key}=${fields[key]}`)
    .join('&')
  return createVerify(algorithm).update(text, 'utf8').verify(sandbox.merchant.alipayPublicKeyPem, sign, 'base64')
}

const verifies = (fields: Readonly<Record<string, string>> = {}) =>
  verifyV1(fields, sandbox.merchant.alipayPublicKeyPem)

describe('faults of the notify (SBX-66)', () => {
  test('SBX-66 notify_lost: the first never arrives, the retry does', async () => {
    expect(await paidWith({ kind: 'notify_lost' })).toEqual([])
    await sandbox.clock.advance(4 * 60_000)
    expect(receiver.bodies).toHaveLength(1)
    expect(sandbox.control.deliveries()[0]?.deliveries.map((one) => one.verdict)).toEqual(['lost', 'acknowledged'])
  })

  test('SBX-66 notify_duplicated: the very same message twice', async () => {
    const [first, second, ...more] = await paidWith({ kind: 'notify_duplicated' })
    expect(second).toEqual(first)
    expect(more).toEqual([])
    expect(verifies(second)).toBe(true)
  })

  test('SBX-66 notify_delayed: nothing before the delay, no try used up', async () => {
    expect(await paidWith({ kind: 'notify_delayed', delayMs: 3_600_000, times: null })).toEqual([])
    await sandbox.clock.advance(3_599_999)
    expect(receiver.bodies).toEqual([])
    await sandbox.clock.advance(1)
    expect(receiver.bodies).toHaveLength(1)
    expect(sandbox.control.deliveries()[0]?.deliveries).toHaveLength(1)
  })

  test('SBX-66 notify_reordered: the payment is told after the refund that followed it', async () => {
    expect(await paidWith({ kind: 'notify_reordered' })).toEqual([])
    await callGateway(sandbox, 'alipay.trade.refund', { out_trade_no: 'f', refund_amount: '1', out_request_no: 'r' })
    await sandbox.clock.settle()
    const [refund, payment, ...more] = receiver.bodies.map(fieldsOf)
    expect(refund).toMatchObject({ out_biz_no: 'r', refund_fee: '1.00' })
    expect(payment).toMatchObject({ trade_status: 'TRADE_SUCCESS', total_amount: '88.80' })
    expect(payment).not.toHaveProperty('refund_fee')
    expect([verifies(refund), verifies(payment), more.length]).toEqual([true, true, 0])
  })

  test('SBX-66 notify_reordered: without a next message it leaves after an hour', async () => {
    expect(await paidWith({ kind: 'notify_reordered' })).toEqual([])
    await sandbox.clock.advance(3_600_000)
    expect(receiver.bodies).toHaveLength(1)
  })

  const returning = async (kind: FaultKind) => {
    const order: string[] = []
    receiver.answer((response) => {
      order.push('notify')
      response.end('success')
    })
    const shop = await startReceiver()
    shop.answer((response) => {
      order.push('return')
      response.end('thank you')
    })
    await sandbox.faults.add({ kind })
    const more = { notify_url: receiver.url, return_url: shop.url }
    await sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: 'f' }, more), return: 'follow' })
    await sandbox.clock.settle()
    await shop.stop()
    receiver.answer((response) => response.end('success'))
    return order
  }

  test('SBX-66 notify_before_return: the merchant knows before the browser is back', async () => {
    expect(await returning('notify_before_return')).toEqual(['notify', 'return'])
  })

  test.each([
    ['notify_before_return', ['notify', 'page']],
    [undefined, ['page']],
  ] as const)('SBX-66 with %s the cashier answers the pay password after %j', async (kind, expected) => {
    const order: string[] = []
    const { engine, app } = bareEngine(undefined, undefined, {
      transport: async () => {
        order.push('notify')
        return { verdict: 'refused', httpStatus: 200, answer: 'success' }
      },
    })
    const at = engine.settledNow()
    const placed = { outTradeNo: 'b', product: 'wap', amountFen: 100, subject: 's' } as const
    const wish = { appId: app.id, sellerId: app.sellerId, order: placed, charset: 'utf-8', expiresAt: at + 60_000 }
    const { id } = openCheckout(engine, { ...wish, notifyUrl: 'http://127.0.0.1:1/' }, at)
    const port = cashierPort(engine)
    await port.login(id, 'rich@example.com', '111111')
    if (kind) addFault(engine, { kind })
    expect(await port.pay(id, '111111', 'browser')).toMatchObject({ kind: 'ok', checkout: { state: 'paid' } })
    order.push('page')
    expect(order).toEqual(expected)
    await engine.stop()
  })

  test('SBX-66 notify_after_return: the browser is back before the merchant knows', async () => {
    expect(await returning('notify_after_return')).toEqual(['return', 'notify'])
  })

  test('SBX-66 notify_after_return: without a browser that is followed it leaves ten seconds later', async () => {
    expect(await paidWith({ kind: 'notify_after_return' })).toEqual([])
    await sandbox.clock.advance(10_000)
    expect(receiver.bodies).toHaveLength(1)
  })

  test.each([
    ['notify_wrong_amount', { total_amount: '88.81' }],
    ['notify_wrong_app_id', { app_id: '9021999999999999' }],
    ['notify_wrong_seller_id', { seller_id: '2088999999999999' }],
    ['notify_extra_parameter', { sandbox_extra: '1' }],
    ['notify_unknown_status', { trade_status: 'TRADE_PENDING' }],
  ] as const)('SBX-66 %s: wrong and correctly signed', async (kind, wrong) => {
    const [fields] = await paidWith({ kind })
    expect(fields).toMatchObject(wrong)
    expect(verifies(fields)).toBe(true)
  })

  test.each(['notify_bad_signature', 'notify_other_key'] as const)('SBX-66 %s: does not verify', async (kind) => {
    const [fields] = await paidWith({ kind })
    expect(fields).toMatchObject({
      out_trade_no: 'f',
      sign_type: 'RSA2',
      sign: expect.stringMatching(/^[\w+/]{342}==$/),
    })
    expect(verifies(fields)).toBe(false)
  })

  test('SBX-66 notify_sign_type_rsa: a good SHA-1 signature and sign_type=RSA', async () => {
    const [fields] = await paidWith({ kind: 'notify_sign_type_rsa' })
    expect(fields?.sign_type).toBe('RSA')
    expect(verifiesAs('RSA-SHA1', fields)).toBe(true)
    expect(verifiesAs('RSA-SHA256', fields)).toBe(false)
  })

  test.each([
    [undefined, '__proto__'],
    ['RSA3', 'RSA3'],
  ])('SBX-66 notify_odd_sign_type: value %s makes sign_type=%s', async (value, signType) => {
    const [fields] = await paidWith({ kind: 'notify_odd_sign_type', ...(value !== undefined && { value }) })
    expect(new URLSearchParams(receiver.bodies[0]).get('sign_type')).toBe(signType)
    expect(verifiesAs('RSA-SHA256', fields)).toBe(true)
  })

  test('SBX-66 notify_missing_sign: no sign, nothing else amiss', async () => {
    const [fields] = await paidWith({ kind: 'notify_missing_sign' })
    expect(fields).toMatchObject({ trade_status: 'TRADE_SUCCESS', sign_type: 'RSA2' })
    expect(receiver.bodies[0]).not.toContain('sign=')
  })

  test('SBX-66 notify_duplicated_key: total_amount twice, only the first is signed', async () => {
    await paidWith({ kind: 'notify_duplicated_key' })
    const sent = new URLSearchParams(receiver.bodies[0])
    expect(sent.getAll('total_amount')).toEqual(['88.80', '88.81'])
    expect(verifies({ ...Object.fromEntries(sent), total_amount: '88.80' })).toBe(true)
  })

  test('SBX-66 notify_gbk: GBK bytes, signed as GBK, and said so in charset and content type', async () => {
    await paidWith({ kind: 'notify_gbk' })
    const [body = ''] = receiver.bodies
    expect(body).toContain('subject=%B0%AE%BC%D2%D7%E2%B7%BF&')
    expect(body).toContain('charset=GBK')
    expect(receiver.contentTypes[0]).toBe('application/x-www-form-urlencoded; charset=GBK')
    const { sign = '', sign_type: _, ...fields } = fieldsOf(body.replace(/subject=[^&]*/, 'subject=@'))
    const text = Object.keys(fields)
      .sort()
      .map((key) => `${key}=${fields[key]}`)
      .join('&')
    const [before = '', after = ''] = text.split('@')
    const signedBytes = Buffer.concat([Buffer.from(before), Buffer.from('b0aebcd2d7e2b7bf', 'hex'), Buffer.from(after)])
    expect(
      createVerify('RSA-SHA256').update(signedBytes).verify(sandbox.merchant.alipayPublicKeyPem, sign, 'base64'),
    ).toBe(true)
  })

  test.each([
    ['notify_finished_first', 'TRADE_FINISHED'],
    ['notify_closed_on_paid', 'TRADE_CLOSED'],
  ] as const)('SBX-66 %s: a signed %s with a notify_id of its own, then the true message', async (kind, status) => {
    const [untrue, real, ...more] = await paidWith({ kind })
    expect(untrue).toMatchObject({ trade_status: status, out_trade_no: 'f' })
    expect(real).toMatchObject({ trade_status: 'TRADE_SUCCESS', out_trade_no: 'f' })
    expect(untrue?.notify_id).not.toBe(real?.notify_id)
    expect([verifies(untrue), verifies(real), more.length]).toEqual([true, true, 0])
    expect(untrue).not.toHaveProperty('refund_fee')
    expect(Object.hasOwn(untrue ?? {}, 'gmt_close')).toBe(status === 'TRADE_CLOSED')
    expect(sandbox.control.trade('f').status).toBe('TRADE_SUCCESS')
  })

  test('every kind of message fault in the table has its test here', () => {
    const tested = readFileSync(new URL(import.meta.url), 'utf8')
    const untested = FAULT_KINDS.filter((kind) => FAULTS[kind].where !== 'bill' && !tested.includes(`'${kind}'`))
    expect(untested).toEqual([])
  })
})

describe('which occasions a fault strikes (SBX-65)', () => {
  test('SBX-65 it strikes only what it names, as often as it says, is counted and can be removed', async () => {
    await sandbox.faults.add({ kind: 'notify_lost', outTradeNo: 'other*' })
    await sandbox.faults.add({ kind: 'notify_lost', event: 'refunded' })
    expect(await paidWith({ kind: 'notify_lost', outTradeNo: 'f', times: 2 })).toEqual([])
    await sandbox.clock.advance(4 * 60_000)
    expect(receiver.bodies).toEqual([])
    await sandbox.clock.advance(10 * 60_000)
    expect(receiver.bodies).toHaveLength(1)
    expect(sandbox.faults.list().map((fault) => fault.used)).toEqual([0, 0, 2])
    for (const fault of sandbox.faults.list()) await sandbox.faults.remove(fault.id)
    expect(sandbox.faults.list()).toEqual([])
    await expect(sandbox.faults.remove('nothing')).rejects.toThrow('no fault')
  })

  test('SBX-65 a method that is not named is spared, also when the call names the trade by trade_no', async () => {
    const { trade } = await sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: 'f' }) })
    await sandbox.faults.add({ kind: 'unknown_error', method: 'alipay.trade.query', outTradeNo: '*f' })
    const close = await callGateway(sandbox, 'alipay.trade.close', { out_trade_no: 'f' })
    expect(close.answer.code).toBe('40004')
    const query = await callGateway(sandbox, 'alipay.trade.query', { trade_no: trade?.tradeNo })
    expect(query.answer.code).toBe('20000')
  })

  test('SBX-65 a phase that a kind cannot be played in is refused', async () => {
    await expect(sandbox.faults.add({ kind: 'no_answer_after', phase: 'before' })).rejects.toThrow('not played before')
    await expect(sandbox.faults.add({ kind: 'http_500', probability: 2 })).rejects.toThrow('probability')
  })
})

describe('faults of the answer (SBX-67)', () => {
  beforeEach(async () => {
    await sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: 'f' }) })
  })

  const refundOnce = () => callGateway(sandbox, 'alipay.trade.refund', { out_trade_no: 'f', refund_amount: '10' })

  async function rawRefund(timeoutMs: number, redirect: 'follow' | 'manual' = 'follow') {
    const biz = { out_trade_no: 'f', refund_amount: '10' }
    const params = signRequest(commonParams(sandbox, 'alipay.trade.refund', biz), sandbox.merchant.appPrivateKey)
    const signal = AbortSignal.timeout(timeoutMs)
    const body = new URLSearchParams(params)
    const response = await fetch(sandbox.gatewayUrl, { method: 'POST', body, signal, redirect })
    return { status: response.status, location: response.headers.get('location'), text: await response.text() }
  }

  const refundedFen = () => sandbox.control.trade('f').refundedFen

  test.each([
    ['no_answer_before', 0],
    ['no_answer_after', 1000],
  ] as const)('SBX-67 %s: the caller times out, %i fen were refunded', async (kind, moved) => {
    await sandbox.faults.add({ kind, method: 'alipay.trade.refund' })
    await expect(rawRefund(300)).rejects.toThrow('timeout')
    expect(refundedFen()).toBe(moved)
    const { answer } = await refundOnce()
    expect(answer).toMatchObject({ code: '10000', fund_change: moved === 0 ? 'Y' : 'N', refund_fee: '10.00' })
  })

  test.each([
    ['before', 0],
    ['after', 1000],
  ] as const)('SBX-67 connection_reset %s: the socket breaks, %i fen were refunded', async (phase, moved) => {
    await sandbox.faults.add({ kind: 'connection_reset', phase })
    const error = await rawRefund(5000).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ cause: { code: 'ECONNRESET' } })
    expect(refundedFen()).toBe(moved)
  })

  test('SBX-67 slow_drip: the answer comes in pieces over the time asked for', async () => {
    await sandbox.faults.add({ kind: 'slow_drip', delayMs: 400 })
    const begun = performance.now()
    const { text, status } = await rawRefund(5000)
    expect(performance.now() - begun).toBeGreaterThan(300)
    expect([status, readAnswer(text, sandbox.merchant.alipayPublicKeyPem).verified]).toEqual([200, true])
    await sandbox.faults.add({ kind: 'slow_drip' })
    await expect(rawRefund(200)).rejects.toThrow('timeout')
  })

  test.each([
    ['unknown_error', '20000', 'aop.unknow-error'],
    ['system_error', '40004', 'ACQ.SYSTEM_ERROR'],
  ] as const)('SBX-67 %s: a signed %s, executed or not', async (kind, code, subCode) => {
    for (const [phase, moved] of [
      ['before', 0],
      ['after', 1000],
    ] as const) {
      await sandbox.faults.add({ kind, phase })
      const { answer, verified } = await refundOnce()
      expect(answer).toMatchObject({ code, sub_code: subCode })
      expect([verified, refundedFen()]).toEqual([true, moved])
    }
  })

  test.each([
    ['http_500', 500],
    ['http_502', 502],
  ] as const)('SBX-67 %s: a page instead of an answer, executed or not', async (kind, status) => {
    await sandbox.faults.add({ kind })
    expect(await rawRefund(5000)).toMatchObject({ status, text: expect.stringContaining('<html>') })
    expect(refundedFen()).toBe(0)
    await sandbox.faults.add({ kind, phase: 'after' })
    expect(await rawRefund(5000)).toMatchObject({ status })
    expect(refundedFen()).toBe(1000)
  })

  test('SBX-67 redirect: 302, and whoever follows gets an answer to nothing', async () => {
    await sandbox.faults.add({ kind: 'redirect' })
    expect(await rawRefund(5000, 'manual')).toMatchObject({ status: 302, location: '/gateway.do?redirected=1' })
    await sandbox.faults.add({ kind: 'redirect' })
    const followed = await rawRefund(5000)
    expect(followed.text).toContain('isv.missing-app-id')
    expect(refundedFen()).toBe(0)
  })

  test('SBX-67 truncated: JSON that ends in the middle, refunded', async () => {
    await sandbox.faults.add({ kind: 'truncated' })
    const { text } = await rawRefund(5000)
    expect(text.startsWith('{"alipay_trade_refund_response":{')).toBe(true)
    expect(() => JSON.parse(text)).toThrow()
    expect(refundedFen()).toBe(1000)
  })

  test('SBX-67 huge_body: ten megabytes, well signed', async () => {
    await sandbox.faults.add({ kind: 'huge_body' })
    const { text } = await rawRefund(10_000)
    expect(text.length).toBeGreaterThan(10 * 1024 * 1024)
    expect(readAnswer(text, sandbox.merchant.alipayPublicKeyPem)).toMatchObject({ verified: true })
  })

  test.each([
    ['unsigned', false, false],
    ['bad_signature', true, false],
    ['wrong_amount', true, true],
  ] as const)('SBX-67 %s: signed %s, verified %s', async (kind: FaultKind, signed, verified) => {
    await sandbox.faults.add({ kind })
    const called = await refundOnce()
    expect({ signed: called.signed, verified: called.verified }).toEqual({ signed, verified })
    expect(called.answer.refund_fee).toBe(kind === 'wrong_amount' ? '10.01' : '10.00')
  })

  test('SBX-67 other_order: a good signature over an answer that nobody asked for', async () => {
    await sandbox.faults.add({ kind: 'other_order' })
    const { answer, verified } = await callGateway(sandbox, 'alipay.trade.query', { out_trade_no: 'f' })
    expect(answer).toMatchObject({ code: '10000', out_trade_no: '0', trade_status: 'TRADE_SUCCESS' })
    expect(verified).toBe(true)
  })

  test('SBX-67 duplicated_root: the first object is signed, the second says what never happened', async () => {
    await sandbox.faults.add({ kind: 'duplicated_root' })
    const biz = { out_trade_no: 'none' }
    const params = signRequest(commonParams(sandbox, 'alipay.trade.query', biz), sandbox.merchant.appPrivateKey)
    const response = await fetch(sandbox.gatewayUrl, { method: 'POST', body: new URLSearchParams(params) })
    const text = await response.text()
    const match = /^\{"(alipay_trade_query_response)":(\{.*\}),"\1":(\{.*\}),"sign":"([^"]+)"\}$/.exec(text)
    const [, , first = '', second = '', sign = ''] = match ?? []
    expect(JSON.parse(first)).toMatchObject({ sub_code: 'ACQ.TRADE_NOT_EXIST' })
    expect(JSON.parse(second)).toMatchObject({ code: '10000', trade_status: 'TRADE_SUCCESS', out_trade_no: 'none' })
    const verifier = createVerify('RSA-SHA256').update(first, 'utf8')
    expect(verifier.verify(sandbox.merchant.alipayPublicKeyPem, sign, 'base64')).toBe(true)
  })

  test.each([undefined, 'ACQ.ENTERPRISE_PAY_BIZ_ERROR', 'ACQ.REASON_TRADE_BEEN_FREEZEN'])(
    'SBX-67 business_error: any published code can be asked for, here %s',
    async (value) => {
      await sandbox.faults.add({ kind: 'business_error', ...(value !== undefined && { value }) })
      const { answer, verified } = await refundOnce()
      expect(answer).toMatchObject({ code: '40004', sub_code: value ?? 'TRADE_NOT_EXIST' })
      expect([verified, refundedFen()]).toEqual([true, 0])
    },
  )

  test('SBX-67 seller_balance_not_enough: refused though the money is there; other methods are left alone', async () => {
    await sandbox.faults.add({ kind: 'seller_balance_not_enough' })
    const query = await callGateway(sandbox, 'alipay.trade.query', { out_trade_no: 'f' })
    expect(query.answer.code).toBe('10000')
    const { answer, verified } = await refundOnce()
    expect(answer).toMatchObject({ code: '40004', sub_code: 'ACQ.SELLER_BALANCE_NOT_ENOUGH' })
    expect([verified, refundedFen()]).toEqual([true, 0])
  })

  test('SBX-67 fund_change_missing: refunded, signed, and silent about it', async () => {
    await sandbox.faults.add({ kind: 'fund_change_missing' })
    const { answer, verified } = await refundOnce()
    expect(answer).toMatchObject({ code: '10000', refund_fee: '10.00' })
    expect(answer).not.toHaveProperty('fund_change')
    expect([verified, refundedFen()]).toEqual([true, 1000])
  })

  test('signNotify makes a message with any fields that Alipay has signed', async () => {
    const body = await sandbox.signNotify({
      out_trade_no: 'x',
      trade_status: 'TRADE_SUCCESS',
      odd: '1',
      sign_type: 'RSA2',
    })
    expect(verifies(fieldsOf(body))).toBe(true)
  })
})
