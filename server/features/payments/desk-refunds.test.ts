import { addDays, dayInShanghai } from '@ihome/core/calendar'
import { checkInAt } from '@ihome/core/orders/steps'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { INVARIANTS } from '../../audit/invariants.ts'
import { givenHouse } from '../../platform/testing-builders.ts'
import { accountSum } from '../ledger/post.ts'
import { operatorHeaders } from '../operators/testing-operators.ts'
import type { GivenOrder } from '../orders/testing-orders.ts'
import {
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
const AMOUNT = 200_000

type Headers = Record<string, string>
type Seat = 'first' | 'second' | 'support'
const seats = new Map<Seat, { readonly headers: Headers; readonly at: number }>()
let operators = 0

/** The headers of one who sits at the desk now: a session there ends with half an hour of silence. */
async function at(seat: Seat): Promise<Headers> {
  const now = deps.clock.now().getTime()
  const known = seats.get(seat)
  if (known && Math.abs(now - known.at) < 20 * 60_000) return known.headers
  operators += 1
  const role = seat === 'support' ? 'support' : 'finance'
  const headers = await operatorHeaders(bed, { login: `${seat}${operators}`, role })
  seats.set(seat, { headers, at: now })
  return headers
}

async function ask(seat: Seat, method: 'GET' | 'POST', path: string, body?: object, key?: string) {
  const answer = await bed.request({
    method,
    url: `/api/v1.0/operator${path}`,
    headers: { ...(await at(seat)), ...(key ? { 'idempotency-key': key } : {}) },
    ...(body ? { payload: body } : {}),
  })
  const { problem, data } = answer.json()
  return { status: answer.statusCode, problem, data }
}

const part = (order: GivenOrder, amountFen: number, seat: Seat = 'first', key?: string) =>
  ask(
    seat,
    'POST',
    `/orders/${order.id}/refunds`,
    { amount_fen: amountFen, reason: 'early_end', note: '热水坏了一晚' },
    key,
  )
const decide = (requestId: number, decision: 'approve' | 'decline', seat: Seat = 'second') =>
  ask(seat, 'POST', `/refund-requests/${requestId}/decision`, { decision, note: '看过聊天记录' })
const left = async (order: GivenOrder) => (await ask('support', 'GET', `/orders/${order.id}/refundable`)).data.left

/** A paid night five days ahead. */
async function paidOrder() {
  const startDate = addDays(dayInShanghai(deps.clock.now()), 5)
  const house = await givenHouse(deps.db, { priceFen: AMOUNT })
  const order = await bed.givenOrder({ house, startDate, endDate: addDays(startDate, 1) })
  const payUrl = await bed.payUrl(order)
  await sandbox.pay({ payUrl })
  await bed.settle()
  const checkIn = checkInAt({ status: 'PAID', start_date: startDate, end_date: order.endDate })
  const goTo = async (afterMs: number) => {
    deps.clock.set(new Date(checkIn.getTime() + afterMs))
    await bed.settle()
  }
  return { order, outTradeNo: outTradeNoOf(payUrl), goTo }
}

const balances = async (order: GivenOrder) => ({
  escrow: 0 - (await accountSum(deps.db, 'GUEST_ESCROW', String(order.id))),
  owed: 0 - (await accountSum(deps.db, 'REFUND_PAYABLE', String(order.id))),
  payable: 0 - (await accountSum(deps.db, 'HOST_PAYABLE', String(order.hostId))),
  debt: await accountSum(deps.db, 'HOST_RECEIVABLE', String(order.hostId)),
})

let taken = 0
/** The host's account is `fen` poorer, as after a payout that has arrived. */
async function takeFromHost({ hostId }: GivenOrder, fen: number, account = 'HOST_PAYABLE') {
  taken += 1
  const { id } = await bed.givenOrder()
  await sql`with paid as (
      insert into ledger_transactions (business_key, event, order_id, posted_at)
      values (${`gone:${taken}`}, 'writeoff', ${id}, ${deps.clock.now()}) returning id)
    insert into ledger_entries (tx_id, seq, account, owner_id, amount_fen)
    select id, 1, ${account}, ${String(hostId)}, ${fen}::bigint from paid
    union all select id, 2, 'LOSS', null, -${fen}::bigint from paid`.execute(deps.db)
}

/** What the guest's page of the order says of each refund. */
async function seenByGuest(order: GivenOrder) {
  const headers = await bed.app.openSession(order.guestId)
  const answer = await bed.request({ method: 'GET', url: `/api/v1.0/orders/${order.id}`, headers })
  return answer.json().data.order.refunds
}

describe('a part that an operator gives back', () => {
  test('goes back several times, with its reason, and never above what was received', async () => {
    const { order, outTradeNo } = await paidOrder()
    expect(await part(order, 60_000)).toMatchObject({
      status: 200,
      data: { outcome: 'promised', refund_id: expect.any(Number), request_id: null, left: 140_000 },
    })
    expect(await part(order, 40_000)).toMatchObject({ data: { left: 100_000 } })
    expect(await part(order, 100_001)).toMatchObject({
      status: 409,
      problem: 'step_refused',
      data: { reason: 'too_much', left_fen: 100_000 },
    })
    expect(await balances(order)).toEqual({ escrow: 100_000, owed: 100_000, payable: 0, debt: 0 })
    await bed.pass(10_000, 1_000)
    expect(await refundsOf(bed, order.id)).toMatchObject([
      { state: 'SUCCEEDED', reason: 'early_end', note: '热水坏了一晚', amount_fen: 60_000 },
      { state: 'SUCCEEDED', amount_fen: 40_000 },
    ])
    expect(sandbox.control.trade(outTradeNo)).toMatchObject({ refundedFen: 100_000 })
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
    expect(await ask('support', 'GET', `/refunds?q=${order.id}&state=SUCCEEDED&sort=amount`)).toMatchObject({
      data: { total: 2, rows: [{ amount: 40_000, left: 100_000, may_retry: false }, { amount: 60_000 }] },
    })
  })

  test('E29 the second of one trade is sent three seconds after the first', async () => {
    const { order } = await paidOrder()
    await part(order, 100)
    await part(order, 200)
    await bed.settle()
    expect((await refundsOf(bed, order.id)).map(({ state }) => state)).toEqual(['SUCCEEDED', 'RESERVED'])
    await bed.pass(3_000, 1_000)
    const [one, other] = await refundsOf(bed, order.id)
    expect(other?.state).toBe('SUCCEEDED')
    expect((other?.sent_at?.getTime() ?? 0) - (one?.sent_at?.getTime() ?? 0)).toBeGreaterThanOrEqual(3_000)
  })

  test('R2 E28 of twenty at once that ask for three times the money, the losers get 409', async () => {
    const { order } = await paidOrder()
    await decide((await part(order, 140_000)).data.request_id, 'approve')
    const answers = await Promise.all(Array.from({ length: 20 }, () => part(order, 9_000)))
    expect(answers.filter(({ status, data }) => status === 200 && data.outcome === 'promised')).toHaveLength(6)
    expect(answers.filter(({ status, problem }) => status === 409 && problem === 'step_refused')).toHaveLength(14)
    expect(await left(order)).toBe(6_000)
  })

  test('O8 the same wish with one key is one refund, and another wish with it is refused', async () => {
    const { order } = await paidOrder()
    const key = `part-of-${order.id}`.padEnd(16, '_')
    const once = await part(order, 500, 'first', key)
    expect(await part(order, 500, 'first', key)).toEqual(once)
    expect(await part(order, 501, 'first', key)).toMatchObject({ status: 422, problem: 'idempotency_key_reused' })
    expect(await part(order, 500, 'second', key)).toMatchObject({ status: 200 })
    expect(await refundsOf(bed, order.id)).toHaveLength(2)
  })

  test('is for people of finance alone, and for orders that were paid', async () => {
    const { order } = await paidOrder()
    expect(await part(order, 1, 'support')).toMatchObject({ status: 403, problem: 'role_refused' })
    expect(await part(order, 0)).toMatchObject({ status: 400 })
    expect(await part(await bed.givenOrder(), 1)).toMatchObject({
      problem: 'step_refused',
      data: { reason: 'not_paid' },
    })
    expect(await part({ ...order, id: 999_999_999 }, 1)).toMatchObject({ status: 404, problem: 'order_not_found' })
  })
})

describe('after the host was credited', () => {
  test('T5 a part is taken back from what the host has coming, without the fee on it', async () => {
    const { order, goTo } = await paidOrder()
    await goTo(25 * HOUR)
    expect(await balances(order)).toMatchObject({ escrow: 0, payable: 198_800 })
    expect(await part(order, 50_000)).toMatchObject({ status: 200 })
    expect(await balances(order)).toEqual({ escrow: 0, owed: 50_000, payable: 149_100, debt: 0 })
    expect((await postingsOf(bed, order.id)).map(({ event }) => event)).toContain('clawback')
    await bed.pass(5_000, 1_000)
    expect(await balances(order)).toMatchObject({ owed: 0 })
  })

  test('T5 E32 what the host has not got coming any more becomes a debt', async () => {
    const { order, goTo } = await paidOrder()
    await goTo(25 * HOUR)
    await takeFromHost(order, 150_000)
    expect(await part(order, 100_000)).toMatchObject({ status: 200 })
    expect(await balances(order)).toEqual({ escrow: 0, owed: 100_000, payable: 0, debt: 99_400 - 48_800 })
  })
})

describe('E32 a debt that no payout will ever net', () => {
  const writeOff = (order: GivenOrder, seat: Seat = 'first') =>
    ask(seat, 'POST', `/orders/${order.id}/write-off`, { reason: '房东已注销，收不回来' })

  /** A host who has had the money and then owes 50.600 of it. */
  async function indebted() {
    const paid = await paidOrder()
    await paid.goTo(25 * HOUR)
    await takeFromHost(paid.order, 150_000)
    await part(paid.order, 100_000)
    await bed.settle()
    return paid.order
  }

  test('becomes the loss of the platform once two agree, whatever the sum', async () => {
    const order = await indebted()
    expect(await balances(order)).toMatchObject({ debt: 50_600 })
    expect(await writeOff(order, 'support')).toMatchObject({ status: 403, problem: 'role_refused' })
    const asked = await writeOff(order)
    expect(asked).toMatchObject({ status: 200, data: { debt: 50_600, request_id: expect.any(Number) } })
    expect(await writeOff(order)).toMatchObject({ status: 409, data: { reason: 'asked_already' } })
    expect((await ask('support', 'GET', `/orders/${order.id}`)).data).toMatchObject({
      debt: 50_600,
      asked: ['writeoff'],
    })
    expect(await decide(asked.data.request_id, 'approve', 'first')).toMatchObject({ problem: 'role_refused' })
    expect(await balances(order)).toMatchObject({ debt: 50_600 })
    expect(await decide(asked.data.request_id, 'approve')).toMatchObject({
      data: { state: 'approved', refund_id: null },
    })
    expect(await balances(order)).toMatchObject({ debt: 0, owed: 0 })
    expect(await postingsOf(bed, order.id)).toContainEqual({
      event: 'writeoff',
      business_key: `writeoff:${asked.data.request_id}`,
    })
    expect(await writeOff(order)).toMatchObject({ status: 409, data: { reason: 'no_debt' } })
  })

  test('what was netted meanwhile is not written off as well', async () => {
    const order = await indebted()
    const asked = await writeOff(order)
    await takeFromHost(order, -20_000, 'HOST_RECEIVABLE')
    expect(await decide(asked.data.request_id, 'approve')).toMatchObject({
      status: 409,
      data: { reason: 'too_much', left_fen: 30_600 },
    })
    await decide(asked.data.request_id, 'decline')
    const again = await writeOff(order)
    expect(again.data).toMatchObject({ debt: 30_600 })
    await decide(again.data.request_id, 'decline')
  })
})

describe('above the configured sum', () => {
  test('a second operator has to agree, who is not the first', async () => {
    const { order } = await paidOrder()
    const asked = await part(order, 100_001)
    expect(asked).toMatchObject({ status: 200, data: { outcome: 'asked', refund_id: null, left: AMOUNT } })
    const id = asked.data.request_id
    expect(await refundsOf(bed, order.id)).toEqual([])
    expect(await decide(id, 'approve', 'first')).toMatchObject({ status: 403, problem: 'role_refused' })
    expect(await decide(id, 'approve', 'support')).toMatchObject({ status: 403, problem: 'role_refused' })
    const seen = async (seat: Seat) => (await ask(seat, 'GET', '/refund-requests?state=asked')).data.rows
    expect(await seen('first')).toMatchObject([{ request_id: id, order_id: order.id, amount: 100_001, mine: true }])
    expect(await seen('second')).toMatchObject([{ request_id: id, mine: false, note: '热水坏了一晚' }])
    expect(await decide(id, 'approve')).toMatchObject({ data: { state: 'approved', refund_id: expect.any(Number) } })
    expect(await decide(id, 'decline')).toMatchObject({ status: 409, problem: 'step_refused' })
    await bed.settle()
    expect(await refundsOf(bed, order.id)).toMatchObject([{ state: 'SUCCEEDED', amount_fen: 100_001 }])
  })

  test('what is left is looked at again when it is agreed to, and two who agree at once pay once', async () => {
    const { order } = await paidOrder()
    const ids = [(await part(order, 150_000)).data.request_id, (await part(order, 150_000)).data.request_id]
    const answers = await Promise.all([decide(ids[0], 'approve'), decide(ids[0], 'approve'), decide(ids[1], 'approve')])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409])
    expect(await refundsOf(bed, order.id)).toHaveLength(1)
    const open = (await ask('second', 'GET', '/refund-requests?state=asked')).data.rows
    for (const { request_id } of open) expect(await decide(request_id, 'decline')).toMatchObject({ status: 200 })
    await bed.settle()
  })

  const cancel = (order: GivenOrder, seat: Seat = 'first') =>
    ask(seat, 'POST', `/orders/${order.id}/cancel`, { reason: '房屋停电' })
  const detail = async (order: GivenOrder) => (await ask('support', 'GET', `/orders/${order.id}`)).data

  test('R9 a second operator has to agree before an order ends for the platform, and the guest keeps it until then', async () => {
    const { order } = await paidOrder()
    expect(await detail(order)).toMatchObject({ may_cancel: true, asked: [], debt: 0 })
    const asked = await cancel(order)
    expect(asked).toMatchObject({
      status: 200,
      data: { outcome: 'asked', status: 'PAID', refund_fen: AMOUNT, request_id: expect.any(Number) },
    })
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID', close_reason: null })
    expect(await refundsOf(bed, order.id)).toEqual([])
    expect(await detail(order)).toMatchObject({ may_cancel: false, asked: ['cancel'] })
    expect(await cancel(order, 'second')).toMatchObject({ status: 409, data: { reason: 'asked_already' } })
    const id = asked.data.request_id
    expect(await decide(id, 'approve', 'first')).toMatchObject({ status: 403, problem: 'role_refused' })
    expect(await decide(id, 'approve')).toMatchObject({ data: { state: 'approved', refund_id: expect.any(Number) } })
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'CANCELED', close_reason: 'system' })
    await bed.settle()
    expect(await refundsOf(bed, order.id)).toMatchObject([
      { state: 'SUCCEEDED', reason: 'system_cancel', amount_fen: AMOUNT },
    ])
  })

  test('an end that is declined leaves the order as it was, and one that is not due any more can only be declined', async () => {
    const { order } = await paidOrder()
    await decide((await cancel(order)).data.request_id, 'decline')
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
    const asked = await cancel(order)
    await bed.cancel(order, 'guest')
    expect(await decide(asked.data.request_id, 'approve')).toMatchObject({ status: 409, problem: 'step_refused' })
    expect(await decide(asked.data.request_id, 'decline')).toMatchObject({ status: 200 })
    await bed.settle()
    expect(await refundsOf(bed, order.id)).toMatchObject([{ reason: 'guest_cancel', amount_fen: AMOUNT }])
  })

  test('R13 many small parts are a large one: neither they nor an end after them go past the second person', async () => {
    const { order } = await paidOrder()
    await part(order, 60_000)
    await part(order, 40_000, 'second')
    expect((await ask('support', 'GET', `/orders/${order.id}/refundable`)).data).toMatchObject({ approval_above: 0 })
    const asked = [(await part(order, 1)).data, (await cancel(order)).data]
    expect(asked.map(({ outcome }) => outcome)).toEqual(['asked', 'asked'])
    expect(await left(order)).toBe(100_000)
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
    for (const { request_id } of asked) await decide(request_id, 'decline')
    await bed.pass(10_000, 1_000)
  })

  test('one operator alone ends an order of which less than the sum is left', async () => {
    const { order } = await paidOrder()
    await decide((await part(order, 120_000)).data.request_id, 'approve')
    expect(await cancel(order)).toMatchObject({
      data: { outcome: 'canceled', status: 'CANCELED', refund_fen: 80_000, request_id: null },
    })
    await bed.pass(10_000, 1_000)
    expect(await balances(order)).toMatchObject({ escrow: 0, owed: 0 })
  })

  test('the table itself lets nobody agree with themselves or change a decision', async () => {
    const { order } = await paidOrder()
    const id = (await part(order, 120_000)).data.request_id
    const change = (set: object) => deps.db.updateTable('refund_requests').set(set).where('id', '=', id).execute()
    const { asked_by } = await deps.db
      .selectFrom('refund_requests')
      .select('asked_by')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    await expect(
      change({ state: 'declined', decided_by: asked_by, decided_at: deps.clock.now(), decision_note: 'x' }),
    ).rejects.toMatchObject({ constraint: 'refund_requests_take_two' })
    await expect(change({ amount_fen: 1 })).rejects.toMatchObject({ constraint: 'refund_requests_stay_decided' })
    await decide(id, 'decline')
    await expect(change({ decision_note: 'y' })).rejects.toMatchObject({ constraint: 'refund_requests_stay_decided' })
  })
})

describe('a refund that needs a person', () => {
  const original = { ...bed.provider }

  /** A part that the gateway will not carry out. */
  async function stuck(
    code = 'ACQ.BUYER_ENABLE_STATUS_FORBID',
    before: (paid: Awaited<ReturnType<typeof paidOrder>>) => Promise<void> = async () => undefined,
  ) {
    const paid = await paidOrder()
    await before(paid)
    bed.provider.refund = async () => ({ kind: 'refused', code, raw: '{}' })
    await part(paid.order, 40_000)
    await bed.settle()
    bed.provider.refund = original.refund
    const [refund] = await refundsOf(bed, paid.order.id)
    if (!refund) throw new Error('nothing was promised')
    return { ...paid, refund }
  }
  const retry = (id: number, seat: Seat = 'first') =>
    ask(seat, 'POST', `/refunds/${id}/retry`, { reason: '账户已恢复' })
  const end = (id: number, how: 'transfer' | 'void') =>
    ask('first', 'POST', `/refunds/${id}/end`, { how, note: '银行回单 20261123' })
  const stateOf = async (order: GivenOrder) => (await refundsOf(bed, order.id))[0]

  test('E27 is sent again by hand with the same number and amount, once its reason is gone', async () => {
    const { order, refund, outTradeNo } = await stuck()
    expect(refund).toMatchObject({ state: 'MANUAL', owner: 'operator', due_at: expect.any(Date) })
    expect(await seenByGuest(order)).toMatchObject([{ state: 'attention', settled_at: null }])
    expect(await retry(refund.id, 'support')).toMatchObject({ status: 403 })
    await bed.pass(5_000, 1_000)
    expect(await retry(refund.id)).toMatchObject({ status: 200 })
    expect(await stateOf(order)).toMatchObject({ state: 'UNKNOWN', owner: null, due_at: null })
    await bed.settle()
    expect(await stateOf(order)).toMatchObject({ state: 'SUCCEEDED', out_request_no: refund.out_request_no })
    expect(sandbox.control.trade(outTradeNo)).toMatchObject({ refundedFen: 40_000 })
    expect(await retry(refund.id)).toMatchObject({ status: 409, problem: 'step_refused' })
  })

  test('E26 one that waits for funds is tried at once instead of in five minutes', async () => {
    const { order, refund } = await stuck('ACQ.SELLER_BALANCE_NOT_ENOUGH')
    expect(refund.state).toBe('WAIT_FUNDS')
    await bed.pass(4_000, 1_000)
    expect(await stateOf(order)).toMatchObject({ state: 'WAIT_FUNDS' })
    await retry(refund.id)
    await bed.settle()
    expect(await stateOf(order)).toMatchObject({ state: 'SUCCEEDED' })
  })

  test('R13 E25 is paid by transfer with the agreement of two, and posted once', async () => {
    const { order, refund } = await stuck('ACQ.TRADE_HAS_FINISHED')
    expect(await retry(refund.id)).toMatchObject({ status: 409 })
    const asked = await end(refund.id, 'transfer')
    expect(asked).toMatchObject({ status: 200 })
    expect(await end(refund.id, 'void')).toMatchObject({ status: 409, problem: 'step_refused' })
    expect((await ask('second', 'GET', `/refunds?q=${order.id}`)).data.rows).toMatchObject([
      { state: 'MANUAL', asked: 'transfer', may_end: false, may_retry: false },
    ])
    expect(await decide(asked.data.request_id, 'approve', 'first')).toMatchObject({ problem: 'role_refused' })
    expect(await decide(asked.data.request_id, 'approve')).toMatchObject({ data: { refund_id: refund.id } })
    expect(await stateOf(order)).toMatchObject({ state: 'SUCCEEDED', via: 'transfer', done_fen: 40_000 })
    expect(await seenByGuest(order)).toMatchObject([{ state: 'done', via: 'transfer', amount_fen: 40_000 }])
    expect(await balances(order)).toMatchObject({ owed: 0 })
    expect(
      await bed.deps.db
        .selectFrom('cases')
        .select('state')
        .where('subject', '=', refund.out_request_no ?? '')
        .execute(),
    ).toEqual([{ state: 'closed' }])
  })

  test('is void when it is no longer owed and two agree; then nothing is owed and the rest may go back again', async () => {
    const { order, refund } = await stuck()
    const declined = await end(refund.id, 'void')
    await decide(declined.data.request_id, 'decline')
    expect(await stateOf(order)).toMatchObject({ state: 'MANUAL' })
    const asked = await end(refund.id, 'void')
    await decide(asked.data.request_id, 'approve')
    expect(await stateOf(order)).toMatchObject({ state: 'VOID', done_fen: 0 })
    // The stay is paid for in full again: what nobody gave back is neither the platform's nor missing from the host's.
    expect(await balances(order)).toEqual({ escrow: AMOUNT, owed: 0, payable: 0, debt: 0 })
    expect(await left(order)).toBe(AMOUNT)
  })

  describe('is void after the host was credited, and goes back to whom it was taken from', () => {
    const FORBIDDEN = 'ACQ.BUYER_ENABLE_STATUS_FORBID'
    const lossAndFees = async () => {
      const of = async (account: 'LOSS' | 'GATEWAY_FEE') =>
        (
          await deps.db
            .selectFrom('ledger_entries')
            .select(sql<number>`coalesce(sum(amount_fen), 0)::bigint`.as('fen'))
            .where('account', '=', account)
            .executeTakeFirstOrThrow()
        ).fen
      return { loss: await of('LOSS'), fees: await of('GATEWAY_FEE') }
    }
    const giveUp = async (refundId: number) => {
      await decide((await end(refundId, 'void')).data.request_id, 'approve')
    }

    test('from what the host has coming', async () => {
      const { order, refund } = await stuck(FORBIDDEN, ({ goTo }) => goTo(25 * HOUR))
      const before = await lossAndFees()
      expect(await balances(order)).toEqual({ escrow: 0, owed: 40_000, payable: 159_040, debt: 0 })
      await giveUp(refund.id)
      expect(await balances(order)).toEqual({ escrow: 0, owed: 0, payable: 198_800, debt: 0 })
      expect(await lossAndFees()).toEqual({ loss: before.loss, fees: before.fees - 240 })
      expect(await left(order)).toBe(AMOUNT)
      // All of it can be promised anew: nothing of the first time is left.
      expect(await part(order, 40_000)).toMatchObject({ status: 200 })
      expect(await balances(order)).toEqual({ escrow: 0, owed: 40_000, payable: 159_040, debt: 0 })
    })

    test('from a debt, as far as it is still there', async () => {
      const paidOut = async (paid: Awaited<ReturnType<typeof paidOrder>>) => {
        await paid.goTo(25 * HOUR)
        await takeFromHost(paid.order, 198_800)
      }
      const owing = await stuck(FORBIDDEN, paidOut)
      expect(await balances(owing.order)).toMatchObject({ payable: 0, debt: 39_760 })
      await giveUp(owing.refund.id)
      expect(await balances(owing.order)).toEqual({ escrow: 0, owed: 0, payable: 0, debt: 0 })

      const netted = await stuck(FORBIDDEN, paidOut)
      await takeFromHost(netted.order, -30_000, 'HOST_RECEIVABLE')
      await giveUp(netted.refund.id)
      expect(await balances(netted.order)).toEqual({ escrow: 0, owed: 0, payable: 30_000, debt: 0 })
    })

    test('from the money that was held when it was promised: it is divided as the rest was', async () => {
      const { order, refund, goTo } = await stuck()
      await goTo(25 * HOUR)
      const before = await lossAndFees()
      expect(await balances(order)).toEqual({ escrow: 0, owed: 40_000, payable: 159_040, debt: 0 })
      await giveUp(refund.id)
      expect(await balances(order)).toEqual({ escrow: 0, owed: 0, payable: 198_800, debt: 0 })
      expect(await lossAndFees()).toEqual({ loss: before.loss, fees: before.fees - 240 })
    })
  })

  test('R11 E30 one that somebody has refunded in the console instead ends with that, and nothing is paid twice', async () => {
    const { order, refund, outTradeNo } = await stuck()
    await decide((await part(order, 100_000)).data.request_id, 'approve')
    await part(order, 60_000)
    await bed.pass(15_000, 1_000)
    const { tradeNo } = sandbox.control.trade(outTradeNo)
    const whole = { refund_fee: '2000.00', gmt_refund: '2026-11-23 13:00:00', out_biz_no: `console${refund.id}` }
    const fields = noticeFields(bed, { outTradeNo, tradeNo, amount: '2000.00' }, whole)
    await bed.notify(await signedForm(bed, fields))
    expect((await refundsOf(bed, order.id)).map(({ state }) => state)).toEqual([
      'VOID',
      'SUCCEEDED',
      'SUCCEEDED',
      'EXTERNAL',
    ])
    expect(await balances(order)).toEqual({ escrow: 0, owed: 0, payable: 0, debt: 0 })
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'CANCELED', close_reason: 'system' })
  })
})

describe('E30 all of it refunded in the console', () => {
  const refundAll = async (outTradeNo: string) => {
    const { tradeNo } = sandbox.control.trade(outTradeNo)
    const whole = { refund_fee: '2000.00', gmt_refund: '2026-11-23 13:00:00', out_biz_no: 'console_all' }
    const fields = noticeFields(bed, { outTradeNo, tradeNo, amount: '2000.00' }, whole)
    await bed.notify(await signedForm(bed, fields))
  }

  test('before check-in ends the order, frees its nights and tells both sides', async () => {
    const { order, outTradeNo } = await paidOrder()
    await refundAll(outTradeNo)
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'CANCELED', close_reason: 'system' })
    const stay = await deps.db.selectFrom('stays').select('state').where('order_id', '=', order.id).execute()
    expect(stay).toEqual([{ state: 'released' }])
    const keys = await deps.db
      .selectFrom('outbox')
      .select(['dedupe_key', 'payload'])
      .where('order_id', '=', order.id)
      .execute()
    const told = keys.map(({ dedupe_key }) => dedupe_key)
    expect(told).toEqual(expect.arrayContaining([`canceled:${order.id}:guest`, `canceled:${order.id}:host`]))
    const heard = keys.filter(({ dedupe_key }) => dedupe_key.startsWith('refunded:'))
    expect(heard.map(({ payload }) => (payload as { user_id: number }).user_id)).toEqual([order.guestId, order.hostId])
    expect(await balances(order)).toEqual({ escrow: 0, owed: 0, payable: 0, debt: 0 })
  })

  test('E32 after the host was credited changes no order, and the host owes exactly what was credited', async () => {
    const { order, outTradeNo, goTo } = await paidOrder()
    await goTo(25 * HOUR)
    await refundAll(outTradeNo)
    expect(await orderRow(bed, order.id)).toMatchObject({ close_reason: null })
    expect(await balances(order)).toEqual({ escrow: 0, owed: 0, payable: 0, debt: 0 })
  })
})

test('T5 an operator ends a stay in its second day: all goes back, and the host gives back what was credited', async () => {
  const startDate = addDays(dayInShanghai(deps.clock.now()), 3)
  const house = await givenHouse(deps.db, { priceFen: AMOUNT })
  const order = await bed.givenOrder({ house, startDate, endDate: addDays(startDate, 4) })
  await sandbox.pay({ payUrl: await bed.payUrl(order) })
  await bed.settle()
  deps.clock.set(
    new Date(checkInAt({ status: 'PAID', start_date: startDate, end_date: order.endDate }).getTime() + 30 * HOUR),
  )
  await bed.settle()
  expect(await balances(order)).toMatchObject({ escrow: 0, payable: 4 * AMOUNT - 4_800 })
  const asked = await ask('first', 'POST', `/orders/${order.id}/cancel`, { reason: '房屋停电' })
  expect(asked).toMatchObject({ status: 200, data: { outcome: 'asked', status: 'PAID', refund_fen: 4 * AMOUNT } })
  await decide(asked.data.request_id, 'approve')
  expect(await orderRow(bed, order.id)).toMatchObject({ status: 'CANCELED', close_reason: 'system' })
  expect(await balances(order)).toEqual({ escrow: 0, owed: 4 * AMOUNT, payable: 0, debt: 0 })
  await bed.settle()
  expect(await refundsOf(bed, order.id)).toMatchObject([{ state: 'SUCCEEDED', reason: 'system_cancel' }])
})

test.each(INVARIANTS.map(({ id, why, sql: text }) => [id, why, text] as const))(
  '%s holds after all of this: %s',
  async (_id, _why, text) => {
    expect((await sql.raw(text).execute(deps.db)).rows).toEqual([])
  },
)
