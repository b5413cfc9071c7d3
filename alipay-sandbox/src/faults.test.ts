import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type AlipaySandbox,
  type FaultKind,
  type FaultSpec,
  generateKeys,
  type SandboxKeys,
  startAlipaySandbox,
} from './index.ts'
import { handClock } from './testing/bare-engine.ts'
import { callGateway, commonParams, payUrl, signRequest, verifyV1 } from './testing/merchant.ts'
import { fieldsOf, type Receiver, startReceiver } from './testing/receiver.ts'

let keys: SandboxKeys
let sandbox: AlipaySandbox
let receiver: Receiver

beforeAll(async () => {
  keys = await generateKeys()
  receiver = await startReceiver()
})
afterAll(() => receiver.stop())
beforeEach(async () => {
  sandbox = await startAlipaySandbox({ port: 0, memory: true, keys, clock: handClock() })
  receiver.bodies.length = 0
})
afterEach(() => sandbox.stop())

async function paidWith(spec: FaultSpec) {
  await sandbox.faults.add(spec)
  await sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: 'f' }, { notify_url: receiver.url }) })
  await sandbox.clock.settle()
  return receiver.bodies.map(fieldsOf)
}

const verifies = (fields: Readonly<Record<string, string>> = {}) =>
  verifyV1(fields, sandbox.merchant.alipayPublicKeyPem)

describe('faults of the notify', () => {
  test('notify_lost: the first never arrives, the retry does', async () => {
    expect(await paidWith({ kind: 'notify_lost' })).toEqual([])
    await sandbox.clock.advance(4 * 60_000)
    expect(receiver.bodies).toHaveLength(1)
    expect(sandbox.control.deliveries()[0]?.deliveries.map((one) => one.verdict)).toEqual(['lost', 'acknowledged'])
  })

  test('notify_duplicated: the very same message twice', async () => {
    const [first, second, ...more] = await paidWith({ kind: 'notify_duplicated' })
    expect(second).toEqual(first)
    expect(more).toEqual([])
    expect(verifies(second)).toBe(true)
  })

  test('notify_delayed: nothing before the delay, no try used up', async () => {
    expect(await paidWith({ kind: 'notify_delayed', delayMs: 3_600_000 })).toEqual([])
    await sandbox.clock.advance(3_599_999)
    expect(receiver.bodies).toEqual([])
    await sandbox.clock.advance(1)
    expect(receiver.bodies).toHaveLength(1)
    expect(sandbox.control.deliveries()[0]?.deliveries).toHaveLength(1)
  })

  test.each([
    ['notify_wrong_amount', { total_amount: '88.81' }],
    ['notify_wrong_app_id', { app_id: '9021999999999999' }],
    ['notify_wrong_seller_id', { seller_id: '2088999999999999' }],
  ] as const)('%s: wrong and correctly signed', async (kind, wrong) => {
    const [fields] = await paidWith({ kind })
    expect(fields).toMatchObject(wrong)
    expect(verifies(fields)).toBe(true)
  })

  test('notify_bad_signature: does not verify', async () => {
    const [fields] = await paidWith({ kind: 'notify_bad_signature' })
    expect(fields?.out_trade_no).toBe('f')
    expect(verifies(fields)).toBe(false)
  })

  test('a fault strikes only what it names, as often as it says, and can be removed', async () => {
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
})

describe('faults of the answer', () => {
  beforeEach(async () => {
    await sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: 'f' }) })
  })

  const refundOnce = () => callGateway(sandbox, 'alipay.trade.refund', { out_trade_no: 'f', refund_amount: '10' })

  async function rawRefund(timeoutMs: number) {
    const biz = { out_trade_no: 'f', refund_amount: '10' }
    const params = signRequest(commonParams(sandbox, 'alipay.trade.refund', biz), sandbox.merchant.appPrivateKey)
    const signal = AbortSignal.timeout(timeoutMs)
    const response = await fetch(sandbox.gatewayUrl, { method: 'POST', body: new URLSearchParams(params), signal })
    return { status: response.status, text: await response.text() }
  }

  test.each([
    ['no_answer_before', 0],
    ['no_answer_after', 1000],
  ] as const)('%s: the caller times out, %i fen were refunded', async (kind, refundedFen) => {
    await sandbox.faults.add({ kind, method: 'alipay.trade.refund' })
    await expect(rawRefund(300)).rejects.toThrow('timeout')
    expect(sandbox.control.trade('f').refundedFen).toBe(refundedFen)
    const { answer } = await refundOnce()
    expect(answer).toMatchObject({ code: '10000', fund_change: refundedFen === 0 ? 'Y' : 'N', refund_fee: '10.00' })
  })

  test.each([
    ['before', 0],
    ['after', 1000],
  ] as const)('unknown_error %s: a signed 20000, %i fen were refunded', async (phase, refundedFen) => {
    await sandbox.faults.add({ kind: 'unknown_error', phase })
    const { answer, verified } = await refundOnce()
    expect(answer).toMatchObject({ code: '20000', sub_code: 'aop.unknow-error' })
    expect(verified).toBe(true)
    expect(sandbox.control.trade('f').refundedFen).toBe(refundedFen)
  })

  test('http_500: a page instead of an answer, nothing refunded', async () => {
    await sandbox.faults.add({ kind: 'http_500' })
    expect(await rawRefund(5000)).toMatchObject({ status: 500, text: expect.stringContaining('<html>') })
    expect(sandbox.control.trade('f').refundedFen).toBe(0)
  })

  test('truncated: JSON that ends in the middle, refunded', async () => {
    await sandbox.faults.add({ kind: 'truncated' })
    const { text } = await rawRefund(5000)
    expect(text.startsWith('{"alipay_trade_refund_response":{')).toBe(true)
    expect(() => JSON.parse(text)).toThrow()
    expect(sandbox.control.trade('f').refundedFen).toBe(1000)
  })

  test.each([
    ['unsigned', false, false],
    ['bad_signature', true, false],
    ['wrong_amount', true, true],
  ] as const)('%s: signed %s, verified %s', async (kind: FaultKind, signed, verified) => {
    await sandbox.faults.add({ kind })
    const called = await refundOnce()
    expect({ signed: called.signed, verified: called.verified }).toEqual({ signed, verified })
    expect(called.answer.refund_fee).toBe(kind === 'wrong_amount' ? '10.01' : '10.00')
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
