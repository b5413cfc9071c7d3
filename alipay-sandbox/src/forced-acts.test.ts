import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AlipaySandbox, type SandboxKeys, startAlipaySandbox } from './index.ts'
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
})
afterEach(() => sandbox.stop())

const open = (outTradeNo: string) => payUrl(sandbox, { out_trade_no: outTradeNo }, { notify_url: receiver.url })

async function control(path: string, body: unknown = {}) {
  const response = await fetch(`${sandbox.endpoint}/_sandbox/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, json: (await response.json()) as Record<string, unknown> }
}

async function messages() {
  await sandbox.clock.settle()
  return receiver.bodies.splice(0).map((body) => {
    const fields = fieldsOf(body)
    expect(verifyV1(fields, sandbox.merchant.alipayPublicKeyPem)).toBe(true)
    return fields
  })
}

describe('what a seller does in the console (SBX-50)', () => {
  test('SBX-50 a refund by hand: the notify names an out_biz_no that the merchant never gave out', async () => {
    await sandbox.pay({ payUrl: open('c1') })
    await messages()
    const { status, json } = await control('/trades/c1/refund', { amount_fen: 880, reason: '客服退款' })
    expect([status, json]).toMatchObject([200, { status: 'TRADE_SUCCESS', refunded_fen: 880 }])
    expect(json.refunds).toMatchObject([{ amount_fen: 880, by: 'console', reason: '客服退款' }])
    const [told, ...more] = await messages()
    expect(told).toMatchObject({
      trade_status: 'TRADE_SUCCESS',
      refund_fee: '8.80',
      out_biz_no: expect.stringMatching(/^console_[0-9a-f]{16}$/),
    })
    expect(more).toEqual([])
    const query = await callGateway(sandbox, 'alipay.trade.fastpay.refund.query', {
      out_trade_no: 'c1',
      out_request_no: told?.out_biz_no,
    })
    expect(query.answer).toMatchObject({ refund_status: 'REFUND_SUCCESS', refund_amount: '8.80' })
  })

  test('SBX-50 without an amount the rest is refunded, and the trade is closed', async () => {
    const { trade } = await sandbox.pay({ payUrl: open('c2') })
    await messages()
    await control('/trades/c2/refund', { amount_fen: 80, out_request_no: 'mine' })
    await sandbox.clock.advance(3000)
    const { json } = await control(`/trades/${trade?.tradeNo}/refund`)
    expect(json).toMatchObject({ status: 'TRADE_CLOSED', refunded_fen: 8880, closed_by: 'refund' })
    expect(await messages()).toMatchObject([
      { trade_status: 'TRADE_SUCCESS', out_biz_no: 'mine', refund_fee: '0.80' },
      { trade_status: 'TRADE_CLOSED', refund_fee: '88.80', gmt_close: expect.any(String) },
    ])
  })

  test('SBX-50 an unpaid trade that is closed by hand tells TRADE_CLOSED without refund fields', async () => {
    await sandbox.pay({ payUrl: open('c3'), outcome: 'wrong_password' })
    expect(await messages()).toEqual([])
    const { status, json } = await control('/trades/c3/close')
    expect([status, json]).toMatchObject([200, { status: 'TRADE_CLOSED', closed_by: 'console' }])
    const [told] = await messages()
    expect(told).toMatchObject({ trade_status: 'TRADE_CLOSED', out_trade_no: 'c3', gmt_close: expect.any(String) })
    expect(told).not.toHaveProperty('refund_fee')
    await expect(sandbox.pay({ payUrl: open('c3') })).rejects.toThrow('ACQ.TRADE_HAS_CLOSE')
  })

  test('SBX-50 a paid trade that is finished by hand tells TRADE_FINISHED and is not refundable any more', async () => {
    await sandbox.pay({ payUrl: open('c4') })
    await messages()
    const { status, json } = await control('/trades/c4/finish')
    expect([status, json]).toMatchObject([200, { status: 'TRADE_FINISHED' }])
    expect(await messages()).toMatchObject([{ trade_status: 'TRADE_FINISHED' }])
    const refund = await callGateway(sandbox, 'alipay.trade.refund', { out_trade_no: 'c4', refund_amount: '1' })
    expect(refund.answer.sub_code).toBe('ACQ.TRADE_HAS_FINISHED')
  })

  test.each([
    ['/trades/c5/close', 409, 'NOT_WAITING'],
    ['/trades/c5/refund', 409, 'ACQ.REASON_TRADE_REFUND_FEE_ERR'],
    ['/trades/c6/finish', 409, 'NOT_PAID'],
    ['/trades/c6/refund', 409, 'ACQ.TRADE_STATUS_ERROR'],
    ['/trades/none/finish', 404, 'no trade'],
  ])('SBX-50 %s in another state is %i', async (path, status, text) => {
    await sandbox.pay({ payUrl: open('c5') })
    await sandbox.pay({ payUrl: open('c6'), outcome: 'wrong_password' })
    const answer = await control(path, path === '/trades/c5/refund' ? { amount_fen: 8881 } : {})
    expect(answer.status).toBe(status)
    expect(answer.json.message).toContain(text)
  })

  test('SBX-50 a number that was refunded before is not refunded again', async () => {
    await sandbox.pay({ payUrl: open('c7') })
    await control('/trades/c7/refund', { amount_fen: 1, out_request_no: 'r' })
    expect(await control('/trades/c7/refund', { amount_fen: 1, out_request_no: 'r' })).toMatchObject({ status: 409 })
    expect(sandbox.control.trade('c7').refundedFen).toBe(1)
  })
})
