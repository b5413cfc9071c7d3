import { addDays, dayInShanghai } from '@ihome/core/calendar'
import { checkInAt } from '@ihome/core/orders/steps'
import { sql } from 'kysely'
import { afterEach, describe, expect, test } from 'vitest'
import { INVARIANTS } from '../../audit/invariants.ts'
import { givenHouse } from '../../platform/testing-builders.ts'
import { accountSum, receivedFen } from '../ledger/post.ts'
import type { GivenOrder } from '../orders/testing-orders.ts'
import {
  attemptsOf,
  noticeFields,
  orderRow,
  outTradeNoOf,
  paymentBed,
  postingsOf,
  refundsOf,
  signedForm,
} from './testing-payments.ts'

const bed = await paymentBed()
const { deps, sandbox } = bed
const HOUR = 3_600_000
/** One night whose half is not a whole number of fen. */
const AMOUNT = 33_333

afterEach(async () => {
  for (const { id } of sandbox.faults.list()) await sandbox.faults.remove(id)
})

/** A paid night five days ahead, and its check-in. */
async function paidOrder() {
  const startDate = addDays(dayInShanghai(deps.clock.now()), 5)
  const house = await givenHouse(deps.db, { priceFen: AMOUNT })
  const order = await bed.givenOrder({ house, startDate, endDate: addDays(startDate, 1) })
  const payUrl = await bed.payUrl(order)
  const outTradeNo = outTradeNoOf(payUrl)
  const { returnUrl = '' } = await sandbox.pay({ payUrl })
  await bed.settle()
  expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
  const checkIn = checkInAt({ status: 'PAID', start_date: startDate, end_date: order.endDate })
  const goTo = (before: number) => deps.clock.set(new Date(checkIn.getTime() - before))
  return { order, outTradeNo, goTo, returnQuery: new URL(returnUrl).search.slice(1) }
}

interface Answer {
  readonly status: number
  readonly problem: string | null
  readonly data: { readonly status: string; readonly refund_fen: number } | null
}

async function ask(method: 'GET' | 'POST', path: string, userId: number, more: { key?: string; body?: object } = {}) {
  const answer = await bed.request({
    method,
    url: `/api/v1.0${path}`,
    headers: { ...(await bed.app.openSession(userId)), ...(more.key ? { 'idempotency-key': more.key } : {}) },
    ...(more.body ? { payload: more.body } : {}),
  })
  return { status: answer.statusCode, body: answer.json() as { problem: string | null; data: unknown } }
}

/** Presses 取消订单; the host gives a reason. */
async function cancel(order: GivenOrder, by: 'guest' | 'host' = 'guest', key?: string): Promise<Answer> {
  const userId = by === 'guest' ? order.guestId : order.hostId
  const body = by === 'host' ? { reason: '水管坏了' } : {}
  const { status, body: said } = await ask('POST', `/orders/${order.id}/cancel`, userId, {
    body,
    ...(key ? { key } : {}),
  })
  return { status, problem: said.problem, data: said.data as Answer['data'] }
}

/** What the page of the order says about money that would come back or has. */
async function seenBy(order: GivenOrder, viewer: 'guest' | 'host') {
  const userId = viewer === 'guest' ? order.guestId : order.hostId
  const { body } = await ask('GET', `/orders/${order.id}`, userId)
  const { order: seen } = body.data as { order: Record<string, unknown> }
  const role = viewer === 'guest' ? 'custom' : 'landlord'
  const list = (await ask('GET', `/user/orders?role=${role}`, userId)).body.data as {
    orders: Record<string, unknown>[]
  }
  const fields = ['status', 'refund_if_cancelled_fen', 'refund_steps', 'refund_state', 'refund_fen'] as const
  const card = list.orders.find(({ order_id }) => order_id === order.id)
  for (const field of fields) expect(card?.[field]).toEqual(seen[field])
  return Object.fromEntries(fields.map((field) => [field, seen[field]]))
}

const cancelEntries = (order: GivenOrder) =>
  deps.db
    .selectFrom('ledger_entries as e')
    .innerJoin('ledger_transactions as t', 't.id', 'e.tx_id')
    .select(['e.account', 'e.amount_fen'])
    .where('t.business_key', '=', `cancel:${order.id}`)
    .orderBy('e.seq')
    .execute()

const auditOf = async (order: GivenOrder) => {
  const { rows } = await sql`
    select status, total_fen, applied_fen, refunded_fen from audit.orders where order_id = ${String(order.id)}
  `.execute(deps.db)
  return rows[0]
}

describe('a guest cancels a paid order', () => {
  // Of what is kept 0.6 % is the gateway's; of what goes back the host pays no fee.
  test.each([
    ['72 h and 1 ms', 72 * HOUR + 1, 33_333, 0, 0],
    ['72 h', 72 * HOUR, 33_333, 0, 0],
    ['72 h less 1 ms', 72 * HOUR - 1, 16_667, 16_566, 100],
    ['24 h and 1 ms', 24 * HOUR + 1, 16_667, 16_566, 100],
    ['24 h', 24 * HOUR, 16_667, 16_566, 100],
    ['24 h less 1 ms', 24 * HOUR - 1, 0, 33_133, 200],
    ['1 ms', 1, 0, 33_133, 200],
  ])('R8 %s before check-in', async (_words, before, refund, hostNet, fee) => {
    const { order, outTradeNo, goTo, returnQuery } = await paidOrder()
    goTo(before)
    expect(await seenBy(order, 'guest')).toMatchObject({ status: 'PAID', refund_if_cancelled_fen: refund })

    expect(await cancel(order)).toEqual({
      status: 200,
      problem: null,
      data: { status: 'CANCELED', refund_fen: refund },
    })
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'CANCELED', close_reason: 'guest' })
    expect(await cancelEntries(order)).toEqual(
      [
        { account: 'GUEST_ESCROW', amount_fen: AMOUNT },
        { account: 'REFUND_PAYABLE', amount_fen: -refund },
        { account: 'HOST_PAYABLE', amount_fen: -hostNet },
        { account: 'GATEWAY_FEE', amount_fen: -fee },
      ].filter(({ amount_fen }) => amount_fen !== 0),
    )
    const [attempt] = await attemptsOf(bed, order.id)
    expect(await refundsOf(bed, order.id)).toMatchObject(
      refund === 0 ? [] : [{ state: 'RESERVED', reason: 'guest_cancel', amount_fen: refund, attempt_id: attempt?.id }],
    )
    expect(await seenBy(order, 'guest')).toMatchObject({
      refund_if_cancelled_fen: 0,
      refund_state: refund === 0 ? 'none' : 'processing',
      refund_fen: refund,
    })

    // Who comes back to the payment's result reads of money on its way only if there is some.
    expect(await bed.comeBack(returnQuery)).toMatchObject({
      data: { status: 'CANCELED', payment_state: refund === 0 ? 'paid' : 'refunding' },
    })

    // Nothing is booked as earned for a stay that never was.
    await bed.settle()
    goTo(-25 * HOUR)
    await bed.settle()
    expect((await postingsOf(bed, order.id)).map(({ event }) => event)).toEqual([
      'pay_applied',
      'cancel',
      ...(refund === 0 ? [] : ['refund']),
    ])
    expect(sandbox.control.trade(outTradeNo)).toMatchObject({ refundedFen: refund })
    expect(await seenBy(order, 'guest')).toMatchObject({
      refund_state: refund === 0 ? 'none' : 'done',
      refund_fen: refund,
    })
    expect(await accountSum(deps.db, 'GUEST_ESCROW', String(order.id))).toBe(0)
    expect(await accountSum(deps.db, 'REFUND_PAYABLE', String(order.id))).toBe(0)
    expect(await accountSum(deps.db, 'HOST_PAYABLE', String(order.hostId))).toBe(0 - hostNet)
    expect(await receivedFen(deps.db, order.id)).toBe(AMOUNT)
    expect(await auditOf(order)).toEqual({
      status: 'CANCELED',
      total_fen: AMOUNT,
      applied_fen: AMOUNT,
      refunded_fen: refund,
    })
  })
})

describe('a host cancels a paid order', () => {
  test('R9 in the last millisecond everything goes back, and the host gets nothing', async () => {
    const { order, outTradeNo, goTo } = await paidOrder()
    goTo(1)
    expect(await seenBy(order, 'host')).toMatchObject({ refund_if_cancelled_fen: AMOUNT })
    expect(await seenBy(order, 'guest')).toMatchObject({ refund_if_cancelled_fen: 0 })
    expect(await cancel(order, 'host')).toMatchObject({ data: { status: 'CANCELED', refund_fen: AMOUNT } })
    expect(await orderRow(bed, order.id)).toMatchObject({ close_reason: 'host', cancel_note: '水管坏了' })
    await bed.settle()
    expect(await refundsOf(bed, order.id)).toMatchObject([
      { state: 'SUCCEEDED', reason: 'host_cancel', amount_fen: AMOUNT, done_fen: AMOUNT },
    ])
    expect(sandbox.control.trade(outTradeNo)).toMatchObject({ refundedFen: AMOUNT, refunds: [{ amountFen: AMOUNT }] })
    expect(await accountSum(deps.db, 'HOST_PAYABLE', String(order.hostId))).toBe(0)
    expect(await auditOf(order)).toMatchObject({ applied_fen: AMOUNT, refunded_fen: AMOUNT })
  })
})

describe('nobody cancels', () => {
  test('from 14:00 of the first day on: the stay and the money stay as they are', async () => {
    const { order, goTo } = await paidOrder()
    for (const before of [0, -1, -HOUR]) {
      goTo(before)
      for (const by of ['guest', 'host'] as const) {
        expect(await cancel(order, by)).toEqual({ status: 409, problem: 'step_refused', data: undefined })
        expect(await seenBy(order, by)).toMatchObject({ status: 'PAID', refund_if_cancelled_fen: 0 })
      }
    }
    expect(await refundsOf(bed, order.id)).toEqual([])
    expect((await postingsOf(bed, order.id)).map(({ event }) => event)).toEqual(['pay_applied'])
  })
})

describe('at once', () => {
  test('R1 R2 twenty cancellations of guest and host end the order once and give back once', async () => {
    const { order, outTradeNo, goTo } = await paidOrder()
    goTo(30 * HOUR)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => cancel(order, index % 2 === 0 ? 'guest' : 'host')),
    )
    const [won, ...others] = answers.filter(({ status }) => status === 200)
    expect(others).toEqual([])
    expect(answers.filter(({ problem }) => problem === 'step_refused')).toHaveLength(19)
    await bed.settle()
    const refunds = await refundsOf(bed, order.id)
    expect(refunds).toMatchObject([{ state: 'SUCCEEDED', amount_fen: won?.data?.refund_fen }])
    expect(sandbox.control.trade(outTradeNo)).toMatchObject({ refundedFen: won?.data?.refund_fen })
  })

  test('O8 twenty times the same request with one key is one refund and one answer', async () => {
    const { order, goTo } = await paidOrder()
    goTo(30 * HOUR)
    const answers = await Promise.all(Array.from({ length: 20 }, () => cancel(order, 'guest', `cancel-${order.id}`)))
    for (const { status, problem, data } of answers) {
      if (status === 200) expect(data).toEqual({ status: 'CANCELED', refund_fen: 16_667 })
      else expect(problem).toBe('request_in_flight')
    }
    expect(await cancel(order, 'guest', `cancel-${order.id}`)).toMatchObject({ data: { refund_fen: 16_667 } })
    expect(await refundsOf(bed, order.id)).toHaveLength(1)
  })

  test('cancelling and checking out never both happen, at any instant of the stay', async () => {
    for (const before of [1, 0, -10 * HOUR, -23 * HOUR]) {
      const { order, goTo } = await paidOrder()
      goTo(before)
      const checkOut = () => ask('POST', `/orders/${order.id}/check-out`, order.guestId, { body: {} })
      const [canceled, left] = await Promise.all([
        Promise.all(Array.from({ length: 5 }, () => cancel(order, 'host'))),
        Promise.all(Array.from({ length: 5 }, checkOut)),
      ])
      const counts = [canceled, left].map((answers) => answers.filter(({ status }) => status === 200).length)
      expect(counts).toEqual(before > 0 ? [1, 0] : before > -10 * HOUR ? [0, 0] : [0, 1])
      expect(await refundsOf(bed, order.id)).toHaveLength(before > 0 ? 1 : 0)
    }
  })
})

describe('money that others gave back at the gateway', () => {
  test('R1 R11 counts: only the rest goes back, and the page says so before', async () => {
    const { order, outTradeNo, goTo } = await paidOrder()
    const { tradeNo } = sandbox.control.trade(outTradeNo)
    const part = { refund_fee: '50.00', gmt_refund: '2026-11-23 13:00:00', out_biz_no: 'console_9' }
    const trade = { outTradeNo, tradeNo, amount: '333.33' }
    await bed.notify(await signedForm(bed, noticeFields(bed, trade, part)))
    goTo(24 * HOUR)
    expect(await seenBy(order, 'host')).toMatchObject({ refund_if_cancelled_fen: AMOUNT - 5_000 })
    expect(await seenBy(order, 'guest')).toMatchObject({
      refund_if_cancelled_fen: 11_667,
      refund_steps: [{ refund_fen: AMOUNT - 5_000 }, { refund_fen: 11_667 }],
    })
    expect(await cancel(order)).toMatchObject({ data: { refund_fen: 11_667 } })
    expect(await cancelEntries(order)).toEqual([
      { account: 'GUEST_ESCROW', amount_fen: AMOUNT - 5_000 },
      { account: 'REFUND_PAYABLE', amount_fen: -11_667 },
      { account: 'HOST_PAYABLE', amount_fen: -16_566 },
      { account: 'GATEWAY_FEE', amount_fen: -100 },
    ])
    // The sandbox does not know of the console's refund, so our own one goes through there.
    await bed.settle()
    expect(await accountSum(deps.db, 'REFUND_PAYABLE', String(order.id))).toBe(0)
  })
})

test.each(INVARIANTS.map(({ id, why, sql: text }) => [id, why, text] as const))(
  '%s holds after all of this: %s',
  async (_id, _why, text) => {
    expect((await sql.raw(text).execute(deps.db)).rows).toEqual([])
  },
)
