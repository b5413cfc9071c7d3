import { AlipaySdk } from 'alipay-sdk'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { NOTIFY_FIELD_ORDER } from './engine/notify-message.ts'
import { isNearby, notifyTransport } from './engine/notify-transport.ts'
import { type AlipaySandbox, type SandboxKeys, startAlipaySandbox } from './index.ts'
import { handClock } from './testing/bare-engine.ts'
import { sharedKeys } from './testing/keys.ts'
import { callGateway, payUrl, verifyV1 } from './testing/merchant.ts'
import { fieldsOf, type Receiver, startReceiver } from './testing/receiver.ts'

let keys: SandboxKeys
let sandbox: AlipaySandbox
let receiver: Receiver
let base: ReturnType<typeof handClock>

beforeAll(async () => {
  keys = await sharedKeys()
  receiver = await startReceiver()
})
afterAll(() => receiver.stop())
beforeEach(async () => {
  base = handClock()
  sandbox = await startAlipaySandbox({ port: 0, memory: true, keys, clock: base })
  receiver.bodies.length = 0
  receiver.answer((response) => response.end('success'))
})
afterEach(() => sandbox.stop())

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Pays one order whose notifies come to the receiver, and sends what is due. */
async function payOne(outTradeNo: string, biz: Readonly<Record<string, unknown>> = {}) {
  const url = payUrl(sandbox, { out_trade_no: outTradeNo, ...biz }, { notify_url: receiver.url })
  const payment = await sandbox.pay({ payUrl: url })
  await sandbox.clock.settle()
  return payment
}

const refund = (outTradeNo: string, amount: string, no: string) =>
  callGateway(sandbox, 'alipay.trade.refund', { out_trade_no: outTradeNo, refund_amount: amount, out_request_no: no })

describe('the message', () => {
  test('SBX-34 has the real fields in the real order, verifies in the SDK and by hand, and holds no empty value', async () => {
    await payOne('n1', { subject: 'a+b 房😀', body: '备注', passback_params: 'a%3D1%26b' })
    const [body = ''] = receiver.bodies
    const fields = fieldsOf(body)
    expect(verifyV1(fields, sandbox.merchant.alipayPublicKeyPem)).toBe(true)
    expect(new AlipaySdk(sandbox.sdkConfig).checkNotifySignV2(fields)).toBe(true)
    expect(verifyV1({ ...fields, total_amount: '88.81' }, sandbox.merchant.alipayPublicKeyPem)).toBe(false)
    expect(Object.keys(fields)).toEqual(NOTIFY_FIELD_ORDER.filter((name) => name in fields))
    expect(Object.values(fields)).not.toContain('')
    expect(body).toContain('subject=a%2Bb+%E6%88%BF')
    expect(fields).toMatchObject({
      app_id: sandbox.merchant.appId,
      auth_app_id: sandbox.merchant.appId,
      seller_id: sandbox.merchant.sellerId,
      out_trade_no: 'n1',
      total_amount: '88.80',
      receipt_amount: '88.80',
      point_amount: '0.00',
      trade_status: 'TRADE_SUCCESS',
      notify_type: 'trade_status_sync',
      version: '1.0',
      sign_type: 'RSA2',
      gmt_create: '2026-11-23 12:00:00',
      gmt_payment: '2026-11-23 12:00:00',
      notify_time: '2026-11-23 12:00:00',
      passback_params: 'a%3D1%26b',
      body: '备注',
      fund_bill_list: '[{"amount":"88.80","fundChannel":"ALIPAYACCOUNT"}]',
    })
    expect(fields.notify_id).toMatch(/^20261123\d{26}$/)
    expect(fields.buyer_id).toMatch(/^2088\d{12}$/)
  })

  test('SBX-34 the order of a plain payment is the captured one', async () => {
    await payOne('n2')
    expect(Object.keys(fieldsOf(receiver.bodies[0] ?? '')).join()).toBe(
      'gmt_create,charset,gmt_payment,notify_time,subject,sign,buyer_id,invoice_amount,version,notify_id,fund_bill_list,' +
        'notify_type,out_trade_no,total_amount,trade_status,trade_no,auth_app_id,receipt_amount,point_amount,app_id,' +
        'buyer_pay_amount,sign_type,seller_id',
    )
  })

  test('SBX-40 a partial and a full refund tell the payment address what was refunded in all', async () => {
    await payOne('n3')
    await refund('n3', '30.00', 'r1')
    base.move(5000)
    await refund('n3', '58.80', 'r2')
    await sandbox.clock.settle()
    const [, first, second] = receiver.bodies.map(fieldsOf)
    expect(first).toMatchObject({ trade_status: 'TRADE_SUCCESS', refund_fee: '30.00', out_biz_no: 'r1' })
    expect(first?.gmt_refund).toBe('2026-11-23 12:00:00.000')
    expect(first).not.toHaveProperty('gmt_close')
    expect(second).toMatchObject({ trade_status: 'TRADE_CLOSED', refund_fee: '88.80', out_biz_no: 'r2' })
    expect(second?.gmt_close).toBe('2026-11-23 12:00:05')
    expect(verifyV1(second ?? {}, sandbox.merchant.alipayPublicKeyPem)).toBe(true)
    expect(new Set(receiver.bodies.map((body) => fieldsOf(body).notify_id)).size).toBe(3)
  })
})

describe('deliveries', () => {
  test('SBX-36 SBX-38 a merchant that never acknowledges is told eight times in 25 hours, always with one notify_id', async () => {
    receiver.answer((response) => response.end('fail'))
    const paidAt = sandbox.clock.now().getTime()
    await payOne('n4')
    await sandbox.clock.advance(25 * HOUR)
    const [notify] = sandbox.control.deliveries({ outTradeNo: 'n4' })
    const waits = [0, 4 * MINUTE, 10 * MINUTE, 10 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, 15 * HOUR]
    let at = paidAt
    const expected = waits.map((wait) => {
      at += wait
      return at
    })
    expect(notify?.deliveries.map((delivery) => delivery.at.getTime())).toEqual(expected)
    expect(notify?.state).toBe('given_up')
    const fields = receiver.bodies.map(fieldsOf)
    expect(fields).toHaveLength(8)
    expect(new Set(fields.map((one) => one.notify_id)).size).toBe(1)
    expect(new Set(fields.map((one) => one.notify_time)).size).toBe(8)
    expect(new Set(fields.map((one) => one.sign)).size).toBe(8)
    expect(fields.every((one) => verifyV1(one, sandbox.merchant.alipayPublicKeyPem))).toBe(true)
    await sandbox.clock.advance(30 * 24 * HOUR)
    expect(receiver.bodies).toHaveLength(8)
  })

  test('SBX-36 SBX-38 the schedule and the constancy of notify_time are settings', async () => {
    await sandbox.control.changeSettings({ notify_schedule: ['1s', '2d'], notify_time_mode: 'constant' })
    receiver.answer((response) => response.end('fail'))
    await payOne('n5')
    await sandbox.clock.advance(49 * HOUR)
    expect(receiver.bodies).toHaveLength(3)
    expect(new Set(receiver.bodies).size).toBe(1)
  })

  const CASES: readonly [name: string, status: number, body: string, verdict: string][] = [
    ['success', 200, 'success', 'acknowledged'],
    ['success with blanks around it', 200, ' success\r\n', 'acknowledged'],
    ['SUCCESS', 200, 'SUCCESS', 'acknowledged'],
    ['fail', 200, 'fail', 'refused'],
    ['an empty answer', 200, '', 'refused'],
    ['"success" in quotes', 200, '"success"', 'refused'],
    ['success and more', 200, 'success!', 'refused'],
    ['an HTML page', 200, '<html>success</html>', 'refused'],
    ['success with 201', 201, 'success', 'refused'],
    ['success with 500', 500, 'success', 'refused'],
    ['more than 64 KiB', 200, 'success'.padEnd(70_000), 'refused'],
  ]
  test.each(CASES)('SBX-37 %s with %i is judged', async (_name, status, body, verdict) => {
    receiver.answer((response) => response.writeHead(status).end(body))
    await payOne('n6')
    expect(sandbox.control.deliveries()[0]?.deliveries[0]?.verdict).toBe(verdict)
  })

  test('SBX-37 a redirect is not followed, a closed port is unreachable, SUCCESS can be refused by a setting', async () => {
    receiver.answer((response) => response.writeHead(302, { location: receiver.url }).end('success'))
    await payOne('n7')
    expect(receiver.bodies).toHaveLength(1)
    expect(sandbox.control.deliveries()[0]?.deliveries[0]).toMatchObject({ verdict: 'refused', httpStatus: 302 })

    await sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: 'n8' }, { notify_url: 'http://127.0.0.1:1/' }) })
    await sandbox.clock.settle()
    expect(sandbox.control.deliveries({ outTradeNo: 'n8' })[0]?.deliveries[0]?.verdict).toBe('unreachable')

    await sandbox.control.changeSettings({ ack_case_sensitive: true })
    receiver.answer((response) => response.end('SUCCESS'))
    await payOne('n9')
    expect(sandbox.control.deliveries({ outTradeNo: 'n9' })[0]?.state).toBe('pending')
  })

  test('SBX-37 a merchant that does not answer in time is given up on', async () => {
    receiver.answer((response, count) => {
      // Once nothing at all, once a beginning without an end.
      if (count > 1) response.write('succ')
    })
    const send = notifyTransport([], 60)
    for (let time = 0; time < 2; time += 1) {
      const result = await send(receiver.url, 'a=b', new AbortController().signal)
      expect(result).toMatchObject({ verdict: 'timeout', detail: 'no answer within 0.06 s' })
    }
  })

  test('SBX-37 unless told otherwise it waits ten seconds', async () => {
    const limit = vi.spyOn(AbortSignal, 'timeout')
    try {
      await notifyTransport([])(receiver.url, 'a=b', new AbortController().signal)
      expect(limit.mock.calls).toEqual([[10_000]])
    } finally {
      limit.mockRestore()
    }
  })

  test.each([
    ['notify_on_wait_buyer_pay', false, ['WAIT_BUYER_PAY']],
    ['notify_on_trade_success', true, ['TRADE_SUCCESS']],
    ['notify_on_trade_closed', true, ['TRADE_CLOSED']],
    ['notify_on_trade_finished', true, ['TRADE_FINISHED']],
    ['notify_on_refund', true, ['TRADE_SUCCESS']],
  ] as const)('SBX-39 %s is %s at first, and a switch', async (name, byDefault, statuses) => {
    expect(sandbox.control.settings()[name]).toBe(byDefault)
    const told = async (on: boolean, prefix: string) => {
      await sandbox.control.changeSettings({
        notify_on_wait_buyer_pay: false,
        notify_on_trade_success: false,
        notify_on_trade_closed: false,
        notify_on_trade_finished: false,
        notify_on_refund: false,
      })
      await sandbox.control.changeSettings({ [name]: on })
      receiver.bodies.length = 0
      const expiring = payUrl(sandbox, { out_trade_no: `${prefix}a` }, { notify_url: receiver.url }, 'page')
      await sandbox.pay({ payUrl: expiring, outcome: 'tab_closed' })
      await payOne(`${prefix}b`)
      await refund(`${prefix}b`, '1', 'r')
      await sandbox.clock.advance(366 * 24 * HOUR)
      return receiver.bodies.map((body) => fieldsOf(body).trade_status)
    }
    expect(new Set(await told(true, 'on'))).toEqual(new Set(statuses))
    expect(await told(false, 'off')).toEqual([])
  })

  test('SBX-37 an expired trade is told without refund fields', async () => {
    const url = payUrl(
      sandbox,
      { out_trade_no: 'n10', time_expire: '2026-11-23 12:10:00' },
      { notify_url: receiver.url },
      'page',
    )
    await sandbox.pay({ payUrl: url, outcome: 'tab_closed' })
    await sandbox.clock.advance(10 * MINUTE)
    const fields = fieldsOf(receiver.bodies[0] ?? '')
    expect(fields).toMatchObject({ trade_status: 'TRADE_CLOSED', gmt_close: '2026-11-23 12:10:00' })
    for (const name of ['refund_fee', 'gmt_refund', 'gmt_payment']) expect(fields).not.toHaveProperty(name)
  })

  test('SBX-63 a re-send keeps the notify_id and leaves the schedule alone', async () => {
    receiver.answer((response) => response.end('fail'))
    await payOne('n11')
    const [before] = sandbox.control.deliveries()
    const delivery = await sandbox.control.resend(before?.notifyId ?? '')
    expect(delivery).toMatchObject({ verdict: 'refused', resend: true })
    const [after] = sandbox.control.deliveries()
    expect(after?.nextAt).toEqual(before?.nextAt)
    await sandbox.clock.advance(25 * HOUR)
    expect(receiver.bodies).toHaveLength(9)
    expect(new Set(receiver.bodies.map((body) => fieldsOf(body).notify_id)).size).toBe(1)
  })

  test('SBX-80 a public or non-http address is refused, unless the setting names it', async () => {
    for (const [index, url] of [
      'http://8.8.8.8/notify',
      'http://[2001:4860:4860::8888]/n',
      'ftp://127.0.0.1/x',
    ].entries()) {
      await sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: `n12_${index}` }, { notify_url: url }) })
    }
    await sandbox.clock.settle()
    const verdicts = sandbox.control.deliveries().map((notify) => notify.deliveries[0]?.verdict)
    expect(verdicts).toEqual(['host_not_allowed', 'host_not_allowed', 'host_not_allowed'])
  })

  test.each([
    ['127.0.0.1', true],
    ['10.1.2.3', true],
    ['172.31.0.1', true],
    ['192.168.1.1', true],
    ['::1', true],
    ['fd00::1', true],
    ['::ffff:10.0.0.1', true],
    ['172.32.0.1', false],
    ['169.254.169.254', false],
    ['8.8.8.8', false],
    ['::ffff:8.8.8.8', false],
    ['2001:db8::1', false],
  ])('SBX-80 %s counts as near: %s', (address, near) => expect(isNearby(address)).toBe(near))

  test('SBX-80 a host that is named passes the check', async () => {
    const open = await startAlipaySandbox({ port: 0, memory: true, keys, notifyAllow: ['192.0.2.1'] })
    expect(open.merchant.notifyAllow).toEqual(['192.0.2.1'])
    await open.stop()
  })
})

describe('the virtual clock', () => {
  test('SBX-41 one advance of 30 days does what 30 advances of a day do', async () => {
    const lives: unknown[] = []
    for (const steps of [1, 30]) {
      const clock = handClock()
      const one = await startAlipaySandbox({ port: 0, memory: true, keys, clock })
      receiver.answer((response) => response.end('fail'))
      const more = { notify_url: receiver.url }
      await one.pay({ payUrl: payUrl(one, { out_trade_no: 'c1' }, more) })
      await one.pay({
        payUrl: payUrl(one, { out_trade_no: 'c2', timeout_express: '3d' }, more, 'page'),
        outcome: 'tab_closed',
      })
      for (let step = 0; step < steps; step += 1) await one.clock.advance((30 * 24 * HOUR) / steps)
      lives.push({
        now: one.clock.now(),
        trades: one.control.trades().map(({ tradeNo: _, buyerId: __, sellerId: ___, appId: ____, ...trade }) => trade),
        deliveries: one.control.deliveries().map((notify) => notify.deliveries.map((delivery) => delivery.at)),
      })
      await one.stop()
    }
    expect(lives[1]).toEqual(lives[0])
    expect(lives[0]).toMatchObject({ deliveries: [{ length: 8 }, { length: 8 }] })
  })

  test('SBX-41 setting the clock back is refused, freezing stops it, a rate speeds it up', async () => {
    const now = sandbox.clock.now()
    await expect(sandbox.clock.set(new Date(now.getTime() - 1))).rejects.toThrow('never runs backwards')
    await sandbox.clock.freeze()
    base.move(HOUR)
    expect(sandbox.clock.now()).toEqual(now)
    await sandbox.clock.setRate(10)
    base.move(MINUTE)
    expect(sandbox.clock.now().getTime()).toBe(now.getTime() + 10 * MINUTE)
    await sandbox.clock.set(new Date('2027-01-01T00:00:00Z'))
    expect(sandbox.clock.now().toISOString()).toBe('2027-01-01T00:00:00.000Z')
  })

  test('SBX-41 a base clock that is moved from outside expires trades at their own instant; moved back, nothing un-happens', async () => {
    const url = payUrl(sandbox, { out_trade_no: 'c3', time_expire: '2026-11-23 13:00:00' }, {}, 'page')
    await sandbox.pay({ payUrl: url, outcome: 'tab_closed' })
    base.move(5 * HOUR)
    const query = await callGateway(sandbox, 'alipay.trade.query', { out_trade_no: 'c3' })
    expect(query.answer.trade_status).toBe('TRADE_CLOSED')
    expect(sandbox.control.trade('c3').closedAt?.toISOString()).toBe('2026-11-23T05:00:00.000Z')
    const { url: notifyUrl } = receiver
    await sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: 'c4' }, { notify_url: notifyUrl }) })
    const paidAt = sandbox.control.trade('c4').paidAt
    base.move(-10 * HOUR)
    expect(sandbox.clock.now().getTime()).toBeGreaterThanOrEqual(paidAt?.getTime() ?? Infinity)
  })

  test('SBX-36 retries also come by themselves when only the base clock moves', async () => {
    receiver.answer((response) => response.end('fail'))
    await payOne('c5')
    base.move(4 * MINUTE)
    receiver.answer((response) => response.end('success'))
    const delivery = await sandbox.waitForNotify({ outTradeNo: 'c5' })
    expect(delivery.at.toISOString()).toBe('2026-11-23T04:04:00.000Z')
    expect(receiver.bodies).toHaveLength(2)
  })
})
