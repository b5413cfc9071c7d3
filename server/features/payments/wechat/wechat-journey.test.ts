import { addDays, type CivilDate, dayInShanghai } from '@ihome/core/calendar'
import { sql } from 'kysely'
import { describe, expect, test, vi } from 'vitest'
import { INVARIANTS } from '../../../audit/invariants.ts'
import { givenHouse, givenUser } from '../../../platform/testing-builders.ts'
import { clearingAtEndOf } from '../../ledger/clearing-sum.ts'
import type { GivenOrder } from '../../orders/testing-orders.ts'
import { runDuePayments } from '../payment-jobs.ts'
import { attemptsOf, orderRow, paymentBed, postingsOf, refundsOf } from '../testing-payments.ts'
import { type SentNotice, startWechatPay } from './testing-wechat-pay.ts'

type WechatPay = Awaited<ReturnType<typeof startWechatPay>>
const started: WechatPay[] = []
const bed = await paymentBed(undefined, async (clock, publicOrigin) => {
  const one = await startWechatPay(clock)
  started.push(one)
  return [one.provider(publicOrigin)]
})
const [wechatPay] = started as [WechatPay]
const { deps, sandbox } = bed
const MINUTE = 60_000

async function ask(method: 'GET' | 'POST' | 'PUT', path: string, userId: number, payload?: object) {
  const headers = await bed.app.openSession(userId)
  const answer = await bed.request({ method, url: `/api/v1.0${path}`, headers, ...(payload ? { payload } : {}) })
  return answer.json<{ problem: string | null; data: Record<string, never> & { pay_url: string; order_id: number } }>()
}
const press = (order: Pick<GivenOrder, 'id' | 'guestId'>, way: 'alipay' | 'wechat' = 'wechat') =>
  ask('POST', `/orders/${order.id}/payment`, order.guestId, { way })
async function payUrlOf(order: Pick<GivenOrder, 'id' | 'guestId'>): Promise<string> {
  const { data, problem } = await press(order)
  if (!data?.pay_url) throw new Error(`no address: ${problem}`)
  return data.pay_url
}
async function tell({ headers, body }: SentNotice) {
  const answer = await bed.request({
    method: 'POST',
    url: '/api/v1.0/pay/wechat/notify',
    headers: { ...headers, 'content-type': 'application/json' },
    payload: body,
  })
  return { status: answer.statusCode, text: answer.body }
}
async function paidOrder() {
  const order = await bed.givenOrder()
  expect(await tell(wechatPay.pay(await payUrlOf(order)))).toEqual({ status: 204, text: '' })
  return order
}
const booksAgree = async () => {
  for (const { id, sql: text } of INVARIANTS) {
    const { rows } = await sql.raw<object>(text).execute(deps.database.owner)
    expect([id, rows]).toEqual([id, []])
  }
}

describe('WeChat Pay beside Alipay', () => {
  test('an order is placed, accepted, paid by WeChat Pay, told of, cancelled and given back', async () => {
    const calls = (['openPage', 'query', 'close', 'refund', 'queryRefund'] as const).map((call) =>
      vi.spyOn(bed.provider, call),
    )
    const startDate = addDays(dayInShanghai(deps.clock.now()), 20)
    const house = await givenHouse(deps.db, { priceFen: 33_333 })
    const guestId = (await givenUser(deps.db)).id
    expect((await ask('GET', '/pay-ways', guestId)).data).toEqual({ ways: ['alipay', 'wechat'] })
    const placed = await ask('POST', '/orders', guestId, {
      house_id: house.id,
      start_date: startDate,
      end_date: addDays(startDate, 2),
    })
    const order = { id: placed.data.order_id, guestId }
    expect(await ask('PUT', `/orders/${order.id}/status`, house.hostId, { action: 'accept' })).toMatchObject({
      problem: null,
    })
    const notice = wechatPay.pay(await payUrlOf(order))
    expect(await tell(notice)).toEqual({ status: 204, text: '' })
    const [attempt] = await attemptsOf(bed, order.id)
    expect(attempt).toMatchObject({
      provider: 'wechat',
      state: 'SUCCEEDED',
      received_fen: 66_666,
      seller_id: '1900000001',
    })
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID', trade_no: attempt?.trade_no })
    expect(await tell(notice)).toEqual({ status: 204, text: '' }) // told again

    expect(await ask('POST', `/orders/${order.id}/cancel`, guestId, {})).toMatchObject({
      problem: null,
    })
    await bed.settle()
    expect(await refundsOf(bed, order.id)).toMatchObject([
      { provider: 'wechat', state: 'UNKNOWN', error: 'processing' },
    ])
    const [ended] = wechatPay.endRefunds()
    if (!ended) throw new Error('no refund was sent')
    expect(await tell(ended)).toEqual({ status: 204, text: '' })
    await bed.settle()
    expect(await refundsOf(bed, order.id)).toMatchObject([{ state: 'SUCCEEDED', done_fen: 66_666, tries: 1 }])
    expect((await postingsOf(bed, order.id)).map(({ event }) => event)).toContain('refund')
    for (const call of calls) {
      expect(call).not.toHaveBeenCalled()
      call.mockRestore()
    }
    await booksAgree()
  })

  test('a forged, a stale and a foreign notification change nothing', async () => {
    const order = await bed.givenOrder()
    const genuine = wechatPay.pay(await payUrlOf(order))
    const forged = { ...genuine, body: genuine.body.replace('EV-', 'EV+') }
    expect(await tell(forged)).toMatchObject({ status: 400 })
    expect(await tell({ ...genuine, headers: {} })).toMatchObject({ status: 400 })
    const probe = { ...genuine.headers, 'wechatpay-signature': 'WECHATPAY/SIGNTEST/abc' }
    expect(await tell({ ...genuine, headers: probe })).toMatchObject({ status: 400 })
    deps.clock.advance(6 * MINUTE)
    expect(await tell(genuine)).toMatchObject({ status: 400 })
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'WAIT_PAYMENT' })
    const [attempt] = await attemptsOf(bed, order.id)
    const foreign = wechatPay.noticeOf('TRANSACTION.SUCCESS', {
      appid: 'wx9999999999999999',
      mchid: '1900000001',
      out_trade_no: attempt?.out_trade_no,
      transaction_id: '42001',
      trade_state: 'SUCCESS',
      amount: { total: order.amountFen },
    })
    expect(await tell(foreign)).toMatchObject({ status: 400 })
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'WAIT_PAYMENT' })
    await bed.pass(5 * MINUTE) // the poller finds what no message told
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
  })

  test('a payment whose notification is lost is found by asking', async () => {
    const order = await bed.givenOrder()
    wechatPay.pay(await payUrlOf(order))
    await bed.pass(MINUTE, 10_000)
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
  })

  test('E09 what nobody pays is closed there, although the trade outlives its time and the first answer is lost', async () => {
    const order = await bed.givenOrder()
    await payUrlOf(order)
    wechatPay.asked.length = 0
    deps.clock.set(order.payBy ?? deps.clock.now())
    wechatPay.spoil('no_answer', 'http_500', 'unsigned', 'wrong_signature')
    await bed.pass(10 * MINUTE)
    const closings = wechatPay.asked.filter((line) => line.endsWith('/close'))
    expect(closings.length).toBeGreaterThan(1)
    expect(await attemptsOf(bed, order.id)).toMatchObject([{ state: 'CLOSED' }])
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'CANCELED' })
  })

  test('E21 a refund whose answer is lost moves once and is settled by its number', async () => {
    const order = await paidOrder()
    await bed.cancel(order, 'host')
    wechatPay.spoil('no_answer')
    await bed.settle()
    expect(await refundsOf(bed, order.id)).toMatchObject([{ state: 'UNKNOWN' }])
    wechatPay.endRefunds()
    await bed.pass(MINUTE, 10_000)
    const [refund] = await refundsOf(bed, order.id)
    expect(refund).toMatchObject({ state: 'SUCCEEDED', done_fen: order.amountFen })
    const sent = [...wechatPay.refunds.values()].filter(({ trade }) => trade.outTradeNo === refund?.out_trade_no)
    expect(sent).toHaveLength(1)
  })

  test('a refund that WeChat Pay cannot carry out waits for a person', async () => {
    const order = await paidOrder()
    await bed.cancel(order, 'host')
    await bed.settle()
    const [told] = wechatPay.endRefunds('ABNORMAL')
    if (!told) throw new Error('no refund was sent')
    expect(await tell(told)).toMatchObject({ status: 204 })
    await bed.settle()
    expect(await refundsOf(bed, order.id)).toMatchObject([
      { state: 'MANUAL', error: 'REFUND_ABNORMAL', owner: 'operator' },
    ])
  })

  test('the address is made anew for the same trade once it has gone stale', async () => {
    const order = await bed.givenOrder()
    const first = await payUrlOf(order)
    deps.clock.advance(MINUTE)
    expect(await payUrlOf(order)).toBe(first)
    deps.clock.advance(4 * MINUTE)
    const second = await payUrlOf(order)
    expect(second).not.toBe(first)
    expect(await attemptsOf(bed, order.id)).toHaveLength(1)
    expect(await tell(wechatPay.pay(second))).toMatchObject({ status: 204 })
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
  })

  test('a guest who goes over to Alipay pays there, and the trade at WeChat Pay is closed first', async () => {
    const order = await bed.givenOrder()
    const left = await payUrlOf(order)
    const { data } = await press(order, 'alipay')
    expect(() => wechatPay.pay(left)).toThrow('nothing to pay')
    expect(await attemptsOf(bed, order.id)).toMatchObject([
      { provider: 'wechat', state: 'CLOSED' },
      { provider: 'alipay', state: 'OPEN' },
    ])
    await sandbox.pay({ payUrl: data.pay_url })
    await bed.settle()
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
  })

  test('a page at Alipay that nobody can close keeps the order to that way', async () => {
    const order = await bed.givenOrder()
    await press(order, 'alipay')
    expect(await press(order)).toMatchObject({ problem: 'pay_way_taken', data: { way: 'alipay' } })
    expect(await attemptsOf(bed, order.id)).toMatchObject([{ provider: 'alipay', state: 'OPEN' }])
    expect(await press(order, 'alipay')).toMatchObject({ problem: null })
  })

  test('a guest who was never given an address may take another way although WeChat Pay does not answer', async () => {
    const order = await bed.givenOrder()
    wechatPay.spoil('http_500')
    expect(await press(order)).toMatchObject({ problem: 'gateway_unavailable' })
    wechatPay.spoil('http_500')
    expect(await press(order, 'alipay')).toMatchObject({ problem: null, data: { status: 'WAIT_PAYMENT' } })
    expect(await attemptsOf(bed, order.id)).toMatchObject([{ state: 'CLOSED' }, { provider: 'alipay', state: 'OPEN' }])
  })

  test('E18 money for a number nobody knows goes back by WeChat Pay after a day, and stands in its account till then', async () => {
    const order = await bed.givenOrder()
    const notice = wechatPay.pay(await payUrlOf(order))
    const [attempt] = await attemptsOf(bed, order.id)
    await sql`delete from payment_attempts where id = ${attempt?.id ?? 0}`.execute(deps.database.owner)
    const cleared = () =>
      Promise.all(['alipay', 'wechat'].map((name) => clearingAtEndOf(deps.db, name, '2027-12-31' as CivilDate)))
    const [alipay = 0, wechat = 0] = await cleared()
    expect(await tell(notice)).toMatchObject({ status: 204 })
    expect(await cleared()).toEqual([alipay, wechat + order.amountFen])
    await bed.pass(25 * 60 * MINUTE, 25 * 60 * MINUTE)
    wechatPay.endRefunds()
    await bed.pass(MINUTE)
    const back = await deps.db
      .selectFrom('refunds')
      .selectAll()
      .where('out_trade_no', '=', attempt?.out_trade_no ?? '')
      .execute()
    expect(back).toMatchObject([
      { provider: 'wechat', attempt_id: null, state: 'SUCCEEDED', done_fen: order.amountFen },
    ])
    expect(await cleared()).toEqual([alipay, wechat])
  })

  test('neither an attempt nor a refund can be given to another provider later', async () => {
    const order = await paidOrder()
    await bed.cancel(order, 'host')
    const { owner } = deps.database
    await expect(
      sql`update payment_attempts set provider = 'alipay' where order_id = ${order.id}`.execute(owner),
    ).rejects.toThrow('keeps its question')
    await sql`update refunds set provider = 'alipay' where order_id = ${order.id}`.execute(owner)
    expect(await refundsOf(bed, order.id)).toMatchObject([{ provider: 'wechat' }])
    await bed.settle()
    wechatPay.endRefunds()
    await bed.pass(MINUTE, 10_000)
  })

  test('once WeChat Pay is switched off, what was paid there waits for a person and Alipay is not asked about it', async () => {
    const order = await paidOrder()
    await bed.cancel(order, 'host')
    const without = { ...bed.needs, otherProviders: [] }
    await runDuePayments(without)
    expect(await refundsOf(bed, order.id)).toMatchObject([{ state: 'UNKNOWN' }])
    const cases = await deps.db.selectFrom('cases').select('subject').where('kind', '=', 'misconfigured').execute()
    expect(cases).toEqual([{ subject: 'provider_off:wechat' }])
  })
})

test('without configuration there is one way to pay and nobody listens for WeChat Pay', async () => {
  const alone = await paymentBed(bed)
  const ways = await alone.request({ method: 'GET', url: '/api/v1.0/pay-ways' })
  expect(ways.json()).toMatchObject({ data: { ways: ['alipay'] } })
  const answer = await alone.request({
    method: 'POST',
    url: '/api/v1.0/pay/wechat/notify',
    headers: { 'content-type': 'application/json' },
    payload: '{}',
  })
  expect(answer.statusCode).toBe(404)
})
