import { afterEach, describe, expect, test } from 'vitest'
import { accountSum, receivedFen } from '../ledger/post.ts'
import { trialBalance } from '../ledger/trial-balance.ts'
import { runDueOrders } from '../orders/order-jobs.ts'
import { type GivenOrder, givenOrder } from '../orders/testing-orders.ts'
import { createAlipay } from './alipay/alipay-provider.ts'
import { openPayment } from './open-payment.ts'
import { orderPayments } from './order-payments.ts'
import { newOutTradeNo } from './out-trade-no.ts'
import {
  attemptsOf,
  noticeFields,
  orderRow,
  outTradeNoOf,
  paymentBed,
  postingsOf,
  refundsOf,
  signedForm,
  silenceNotices,
} from './testing-payments.ts'

const bed = await paymentBed()
const { deps, sandbox, needs } = bed
const MINUTE = 60_000
const original = { ...bed.provider }

afterEach(async () => {
  Object.assign(bed.provider, original)
  for (const { id } of sandbox.faults.list()) await sandbox.faults.remove(id)
})

async function open(facts: Parameters<typeof bed.givenOrder>[0] = {}) {
  const order = await bed.givenOrder(facts)
  const payUrl = await bed.payUrl(order)
  return { order, payUrl, outTradeNo: outTradeNoOf(payUrl) }
}

const historyOf = async (order: GivenOrder) =>
  (
    await deps.db
      .selectFrom('order_history')
      .select('to_status')
      .where('order_id', '=', order.id)
      .orderBy('id')
      .execute()
  ).map((row) => row.to_status)

const casesOf = (subject: string) =>
  deps.db.selectFrom('cases').select(['kind', 'state']).where('subject', '=', subject).orderBy('id').execute()

/** The money of this order went back whole, once, in our books and in the gateway's. */
async function expectAllBack(order: GivenOrder, outTradeNo: string) {
  expect(await refundsOf(bed, order.id)).toMatchObject([
    { state: 'SUCCEEDED', amount_fen: order.amountFen, done_fen: order.amountFen },
  ])
  expect(sandbox.control.trade(outTradeNo)).toMatchObject({
    refundedFen: order.amountFen,
    refunds: [{ amountFen: order.amountFen }],
  })
  expect(await accountSum(deps.db, 'REFUND_PAYABLE', String(order.id))).toBe(0)
  expect(await receivedFen(deps.db, order.id)).toBe(0)
}

describe('money and time', () => {
  test('E04 paid in the last millisecond, learnt after pay_by: the nights were held, so it is applied', async () => {
    await silenceNotices(bed)
    const { order, payUrl } = await open()
    const [attempt] = await attemptsOf(bed, order.id)
    deps.clock.set(new Date((attempt?.time_expire.getTime() ?? 0) - 1))
    await sandbox.pay({ payUrl })
    deps.clock.set(order.payBy ?? new Date())
    await bed.settle()
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID', close_reason: null })
    expect(await historyOf(order)).toEqual(['WAIT_ACCEPT', 'WAIT_PAYMENT', 'CLOSING', 'PAID'])
  })

  test('E09 unpaid: the nights stay held until two answers past time_expire and the grace agree', async () => {
    const { order } = await open()
    deps.clock.set(order.payBy ?? new Date())
    await bed.settle()
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'CLOSING', close_reason: 'expired' })
    await bed.pass(119_000, 10_000)
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'CLOSING' })
    const stay = () => deps.db.selectFrom('stays').select('state').where('order_id', '=', order.id).executeTakeFirst()
    expect(await stay()).toEqual({ state: 'held' })

    await bed.pass(11_000, 1_000)
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'CANCELED', close_reason: 'expired', paid_at: null })
    expect(await stay()).toEqual({ state: 'released' })
    const [attempt] = await attemptsOf(bed, order.id)
    expect(attempt?.state).toBe('CLOSED')
    expect(attempt?.not_exist_seen).toBeGreaterThanOrEqual(2)
  })

  /** Paid in time, but the gateway says for long that it knows of nothing: so the order has ended when it speaks. */
  async function paidButNotTold() {
    await silenceNotices(bed)
    const { order, payUrl, outTradeNo } = await open({ startDate: '2026-12-05' })
    await sandbox.pay({ payUrl })
    bed.provider.query = async () => ({ kind: 'not_exist', raw: '{}' })
    bed.provider.close = async () => ({ kind: 'not_exist', raw: '{}' })
    deps.clock.set(order.payBy ?? new Date())
    await bed.pass(3 * MINUTE)
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'CANCELED', close_reason: 'expired' })
    bed.provider.query = original.query
    return { order, payUrl, outTradeNo }
  }

  test('E07 money for a dead order whose nights are sold again goes back, and the new guest keeps them', async () => {
    const { order, outTradeNo } = await paidButNotTold()
    const next = await givenOrder(deps.db, {
      status: 'PAID',
      at: deps.clock.now(),
      house: { id: order.houseId, hostId: order.hostId, priceFen: order.amountFen / 2 },
      startDate: order.startDate,
      endDate: order.endDate,
    })
    const { tradeNo } = sandbox.control.trade(outTradeNo)
    const body = await signedForm(bed, noticeFields(bed, { outTradeNo, tradeNo }))
    expect(await bed.notify(body)).toEqual({ status: 200, text: 'success' })
    expect(await orderRow(bed, next.id)).toMatchObject({ status: 'PAID' })
    const sentBy = deps.clock.now()
    await bed.settle()
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'CANCELED', close_reason: 'expired', trade_no: null })
    expect(await attemptsOf(bed, order.id)).toMatchObject([{ state: 'SUCCEEDED', disposition: 'SURPLUS' }])
    expect(await refundsOf(bed, order.id)).toMatchObject([{ sent_at: sentBy }])
    await expectAllBack(order, outTradeNo)
  })

  test('E08 the same with the nights still free: a dead order never comes back', async () => {
    const { order, outTradeNo } = await paidButNotTold()
    await bed.pass(61 * MINUTE, 20 * MINUTE) // no notification at all: found by looking hourly
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'CANCELED', close_reason: 'expired' })
    await expectAllBack(order, outTradeNo)
  })

  test('E13 an address kept until the next day can no longer be paid', async () => {
    const { order, payUrl } = await open()
    deps.clock.set(order.payBy ?? new Date())
    await bed.pass(24 * 60 * MINUTE, 60 * MINUTE)
    await expect(sandbox.pay({ payUrl })).rejects.toThrow(/EXPIRE/)
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'CANCELED', close_reason: 'expired' })
    expect(await refundsOf(bed, order.id)).toEqual([])
  })

  test.each(Array.from({ length: 10 }, (_, round) => [round + 1]))(
    'E42 expiry and payment at the same instant: paid either way, and booked once (round %i)',
    async () => {
      const { order, payUrl, outTradeNo } = await open()
      const speak = await silenceNotices(bed)
      const [attempt] = await attemptsOf(bed, order.id)
      deps.clock.set(new Date((attempt?.time_expire.getTime() ?? 0) - 1))
      await sandbox.pay({ payUrl })
      await speak()
      deps.clock.set(order.payBy ?? new Date())
      const { tradeNo } = sandbox.control.trade(outTradeNo)
      const body = await signedForm(bed, noticeFields(bed, { outTradeNo, tradeNo }))
      await Promise.all([bed.notify(body), runDueOrders({ ...needs, payments: orderPayments }), bed.notify(body)])
      await bed.settle()
      expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
      expect(await postingsOf(bed, order.id)).toHaveLength(1)
    },
  )
})

describe('closing while money may be under way', () => {
  test.each([
    ['guest', undefined],
    ['guest', 'ACQ.REASON_ILLEGAL_STATUS'],
    ['host', 'ACQ.TRADE_STATUS_ERROR'],
    ['host', 'ACQ.TRADE_HAS_SUCCESS'],
  ] as const)(
    'E05 E06 E11 the %s cancels a paid order, close is refused (%s): canceled and paid back',
    async (by, code) => {
      if (code) bed.provider.close = async () => ({ kind: 'refused', code, raw: '{}' })
      await silenceNotices(bed)
      const { order, payUrl, outTradeNo } = await open()
      await sandbox.pay({ payUrl })
      deps.clock.advance(5_000)
      await bed.cancel(order, by)
      expect(await orderRow(bed, order.id)).toMatchObject({ status: 'CLOSING', close_reason: by })
      await bed.settle()
      expect(await orderRow(bed, order.id)).toMatchObject({ status: 'CANCELED', close_reason: by, paid_at: null })
      await expectAllBack(order, outTradeNo)
      const messages = await deps.db
        .selectFrom('outbox')
        .select('dedupe_key')
        .where('order_id', '=', order.id)
        .execute()
      expect(messages.map((message) => message.dedupe_key)).toContain(
        `money_back:${(await attemptsOf(bed, order.id))[0]?.id}:guest`,
      )
    },
  )

  test('E10 close finds no trade and closes nothing: the nights stay held, and what is paid later goes back', async () => {
    const { order, payUrl, outTradeNo } = await open()
    deps.clock.advance(5_000)
    await bed.cancel(order, 'guest')
    await bed.pass(10 * MINUTE)
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'CLOSING', close_reason: 'guest' })
    await sandbox.pay({ payUrl })
    await bed.settle()
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'CANCELED', close_reason: 'guest' })
    await expectAllBack(order, outTradeNo)
  })

  test('ALI-18 a trade that waits for its buyer is closed by one answer, and the order ends at once', async () => {
    await sandbox.control.changeSettings({ trade_created_at_wap: 'login' })
    const { order, payUrl } = await open()
    await sandbox.pay({ payUrl, outcome: 'tab_closed' })
    deps.clock.advance(5_000)
    await bed.cancel(order, 'guest')
    await bed.settle()
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'CANCELED', close_reason: 'guest' })
    expect(await attemptsOf(bed, order.id)).toMatchObject([{ state: 'CLOSED', not_exist_seen: 0 }])
  })

  test.each(['http_500', 'truncated', 'unsigned', 'bad_signature', 'unknown_error'] as const)(
    'E12 %s is unknown: nothing is released and nothing confirmed until the gateway speaks again',
    async (kind) => {
      const { order } = await open()
      await bed.fault(kind, { times: 1_000 })
      deps.clock.set(order.payBy ?? new Date())
      await bed.pass(9 * MINUTE, MINUTE)
      expect(await orderRow(bed, order.id)).toMatchObject({ status: 'CLOSING', close_reason: 'expired' })
      for (const { id } of sandbox.faults.list()) await sandbox.faults.remove(id)
      await bed.pass(3 * MINUTE)
      expect(await orderRow(bed, order.id)).toMatchObject({ status: 'CANCELED', close_reason: 'expired' })
    },
  )

  test('P11 an attempt without an end ten minutes past its time is told to a person, once', async () => {
    const { order, outTradeNo } = await open()
    await bed.fault('http_500', { times: 1_000 })
    deps.clock.set(order.payBy ?? new Date())
    await bed.pass(13 * MINUTE, MINUTE)
    expect(await casesOf(outTradeNo)).toEqual([{ kind: 'overdue_attempt', state: 'open' }])
  })

  test('gateway_unavailable when the end of an earlier attempt cannot be known', async () => {
    const { order } = await open()
    await deps.db.updateTable('payment_attempts').set({ state: 'CLOSING' }).where('order_id', '=', order.id).execute()
    await bed.fault('http_500', { times: 10 })
    deps.clock.advance(5_000)
    expect(await bed.press(order)).toMatchObject({ status: 503, problem: 'gateway_unavailable' })
    expect(await attemptsOf(bed, order.id)).toHaveLength(1)
  })
})

describe('more money than asked', () => {
  test('E03 two attempts both paid: the first is applied, the second goes back whole', async () => {
    const first = await open()
    const closed = noticeFields(bed, { outTradeNo: first.outTradeNo }, { trade_status: 'TRADE_CLOSED' })
    expect(await bed.notify(await signedForm(bed, closed))).toEqual({ status: 200, text: 'success' })
    deps.clock.advance(5_000)
    const second = await bed.payUrl(first.order)
    expect(outTradeNoOf(second)).not.toBe(first.outTradeNo)

    await sandbox.pay({ payUrl: first.payUrl })
    await sandbox.pay({ payUrl: second })
    await bed.settle()
    expect(await orderRow(bed, first.order.id)).toMatchObject({ status: 'PAID' })
    const attempts = await attemptsOf(bed, first.order.id)
    expect(attempts.map(({ disposition }) => disposition).sort()).toEqual(['APPLIED', 'SURPLUS'])
    expect(await receivedFen(deps.db, first.order.id)).toBe(first.order.amountFen)
    expect(await refundsOf(bed, first.order.id)).toMatchObject([
      { state: 'SUCCEEDED', reason: 'surplus', amount_fen: first.order.amountFen },
    ])
  })

  test('P6 fifty presses that all reach the database make one attempt', async () => {
    const order = await bed.givenOrder()
    const wish = { orderId: order.id, guestId: order.guestId }
    const views = await Promise.all(Array.from({ length: 50 }, () => openPayment(needs, wish)))
    expect(new Set(views.map((view) => view.pay_url)).size).toBe(1)
    expect(await attemptsOf(bed, order.id)).toHaveLength(1)
  })

  test('P1 an attempt that begins to close while its address is made is given to nobody', async () => {
    const order = await bed.givenOrder()
    const closing: typeof needs = {
      ...needs,
      transact: async (work) => {
        const made = await needs.transact(work)
        await deps.db
          .updateTable('payment_attempts')
          .set({ state: 'CLOSING', close_sent_at: deps.clock.now() })
          .where('order_id', '=', order.id)
          .execute()
        return made
      },
    }
    await expect(openPayment(closing, { orderId: order.id, guestId: order.guestId })).rejects.toMatchObject({
      problem: 'order_not_found',
    })
    expect(await attemptsOf(bed, order.id)).toMatchObject([{ state: 'CLOSING', pay_url: null }])
  })

  test('E17 a notification with another amount is not believed: the gateway itself is asked', async () => {
    await bed.fault('notify_wrong_amount')
    const { order, payUrl, outTradeNo } = await open()
    await sandbox.pay({ payUrl })
    await sandbox.waitForNotify({ outTradeNo })
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'WAIT_PAYMENT' })
    expect(await casesOf(outTradeNo)).toEqual([{ kind: 'mismatch', state: 'open' }])
    await bed.settle()
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
  })

  test('E17 one answer with another amount is asked about again, not booked', async () => {
    await silenceNotices(bed)
    const { order, payUrl, outTradeNo } = await open()
    await bed.fault('wrong_amount', { method: 'alipay.trade.query', outTradeNo })
    await sandbox.pay({ payUrl })
    await bed.pass(10_000, 10_000)
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'WAIT_PAYMENT' })
    expect(await casesOf(outTradeNo)).toEqual([{ kind: 'mismatch', state: 'open' }])
    expect(await postingsOf(bed, order.id)).toEqual([])
    await bed.pass(10_000, 10_000)
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
    expect(await receivedFen(deps.db, order.id)).toBe(order.amountFen)
  })

  test('E17 an amount that the gateway confirms is a mismatch: suspended, and sent back as it came', async () => {
    const { order, outTradeNo } = await open()
    const tradeNo = '2026112322001000000000000777'
    bed.provider.query = async (asked) => ({
      kind: 'fact',
      raw: '{}',
      fact: {
        outTradeNo: asked,
        tradeNo,
        money: 'paid',
        status: 'TRADE_SUCCESS',
        amountFen: 1,
        finished: false,
        refund: undefined,
      },
    })
    bed.provider.refund = async ({ outRequestNo, amount }) => ({
      kind: 'fact',
      raw: '{}',
      fact: { outRequestNo, amountFen: amount },
    })
    const notice = noticeFields(bed, { outTradeNo, tradeNo, amount: '0.01' })
    expect(await bed.notify(await signedForm(bed, notice))).toEqual({ status: 200, text: 'success' })
    await bed.settle()
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'WAIT_PAYMENT' })
    expect(await attemptsOf(bed, order.id)).toMatchObject([
      { state: 'MISMATCH', disposition: 'SURPLUS', received_fen: 1 },
    ])
    expect(await postingsOf(bed, order.id)).toMatchObject([
      { event: 'pay_suspense' },
      { event: 'suspense_to_refund' },
      { event: 'refund' },
    ])
    expect(await accountSum(deps.db, 'SUSPENSE', outTradeNo)).toBe(0)
    expect(await refundsOf(bed, order.id)).toMatchObject([{ reason: 'mismatch', amount_fen: 1, state: 'SUCCEEDED' }])
  })

  test('E18 money under a number of ours that we do not know is suspended, and goes back after a day', async () => {
    await silenceNotices(bed)
    const { order, payUrl, outTradeNo } = await open()
    await sandbox.pay({ payUrl })
    const { tradeNo } = sandbox.control.trade(outTradeNo)
    // As after a restore from a backup that is older than the payment.
    await deps.database.owner.deleteFrom('payment_attempts').where('order_id', '=', order.id).execute()
    const body = await signedForm(bed, noticeFields(bed, { outTradeNo, tradeNo }))
    for (let time = 0; time < 3; time += 1) {
      expect(await bed.notify(body)).toEqual({ status: 200, text: 'success' })
    }
    expect(await accountSum(deps.db, 'SUSPENSE', outTradeNo)).toBe(-order.amountFen)
    expect(await casesOf(outTradeNo)).toEqual([{ kind: 'unmatched', state: 'open' }])

    deps.clock.advance(24 * 60 * MINUTE)
    await bed.settle()
    expect(sandbox.control.trade(outTradeNo)).toMatchObject({ refundedFen: order.amountFen })
    expect(await accountSum(deps.db, 'SUSPENSE', outTradeNo)).toBe(0)
    expect(await accountSum(deps.db, 'REFUND_PAYABLE', outTradeNo)).toBe(0)
    expect(await casesOf(outTradeNo)).toEqual([{ kind: 'unmatched', state: 'closed' }])
  })

  test('E18 a number of another environment is only noted', async () => {
    const outTradeNo = newOutTradeNo('https://staging.example.com', deps.random, deps.clock.now())
    const body = await signedForm(bed, noticeFields(bed, { outTradeNo }))
    expect(await bed.notify(body)).toEqual({ status: 200, text: 'success' })
    expect(await accountSum(deps.db, 'SUSPENSE', outTradeNo)).toBe(0)
    const fact = await deps.db
      .selectFrom('gateway_facts')
      .select('effect')
      .where('out_trade_no', '=', outTradeNo)
      .executeTakeFirst()
    expect(fact).toEqual({ effect: 'foreign' })
  })

  test('E19 a notification that comes again after its commit changes nothing', async () => {
    const { order, payUrl, outTradeNo } = await open()
    const speak = await silenceNotices(bed)
    await sandbox.pay({ payUrl })
    await speak()
    const body = await signedForm(
      bed,
      noticeFields(bed, { outTradeNo, tradeNo: sandbox.control.trade(outTradeNo).tradeNo }),
    )
    await bed.notify(body)
    const before = await orderRow(bed, order.id)
    deps.clock.advance(4 * MINUTE)
    expect(await bed.notify(body)).toEqual({ status: 200, text: 'success' })
    expect(await orderRow(bed, order.id)).toEqual(before)
    expect(await postingsOf(bed, order.id)).toHaveLength(1)
  })
})

describe('refunds', () => {
  /** An order whose money is surplus and promised back, but not sent yet. */
  async function surplus() {
    await silenceNotices(bed)
    const { order, payUrl, outTradeNo } = await open()
    await sandbox.pay({ payUrl })
    deps.clock.advance(5_000)
    await bed.cancel(order, 'guest')
    return { order, outTradeNo }
  }

  test('E21 R4 no answer after it was done: unknown, asked about ten seconds later, moved once', async () => {
    bed.provider.refund = async (wish) => {
      await original.refund(wish)
      return { kind: 'unknown', reason: 'timeout', raw: '' }
    }
    const { order, outTradeNo } = await surplus()
    await bed.settle()
    expect(await refundsOf(bed, order.id)).toMatchObject([{ state: 'UNKNOWN', done_fen: 0 }])
    expect(await postingsOf(bed, order.id)).toHaveLength(1)
    await bed.pass(10_000, 5_000)
    await expectAllBack(order, outTradeNo)
  })

  test('E21 R3 no answer and not done: repeated with the same number and amount', async () => {
    const sent: unknown[] = []
    bed.provider.refund = async (wish) => {
      sent.push(wish)
      return sent.length === 1 ? { kind: 'unknown', reason: 'timeout', raw: '' } : original.refund(wish)
    }
    const { order, outTradeNo } = await surplus()
    await bed.settle()
    await bed.pass(10_000, 5_000)
    await expectAllBack(order, outTradeNo)
    expect(sent).toHaveLength(2)
    expect(sent[1]).toEqual(sent[0])
  })

  test('R5 fund_change=N on the repeat of a refund that was done is a question, not a failure', async () => {
    const { order, outTradeNo } = await surplus()
    bed.provider.refund = async (wish) => {
      await original.refund(wish)
      return original.refund(wish) // the second answer says N
    }
    await bed.settle()
    expect(await refundsOf(bed, order.id)).toMatchObject([{ state: 'UNKNOWN', error: 'fund_change_absent' }])
    await bed.pass(10_000, 5_000)
    await expectAllBack(order, outTradeNo)
  })

  test('a process that dies after sending asks before it sends again', async () => {
    const { order, outTradeNo } = await surplus()
    bed.provider.refund = async (wish) => {
      await original.refund(wish)
      throw new Error('killed')
    }
    await bed.settle()
    expect(await refundsOf(bed, order.id)).toMatchObject([{ state: 'SENT' }])
    bed.provider.refund = async () => {
      throw new Error('must not be sent again')
    }
    await bed.pass(2 * MINUTE)
    await expectAllBack(order, outTradeNo)
  })

  test('E22 R6 the notification of a refund comes while its call is under way: one posting', async () => {
    const { order, outTradeNo } = await surplus()
    bed.provider.refund = async (wish) => {
      const answer = await original.refund(wish)
      const fields = noticeFields(
        bed,
        { outTradeNo, tradeNo: sandbox.control.trade(outTradeNo).tradeNo },
        {
          trade_status: 'TRADE_CLOSED',
          refund_fee: '200.00',
          gmt_refund: '2026-11-23 12:00:10.320',
          gmt_close: '2026-11-23 12:00:10',
          out_biz_no: wish.outRequestNo,
        },
      )
      const body = await signedForm(bed, fields)
      expect(await bed.notify(body)).toEqual({ status: 200, text: 'success' })
      expect(await bed.notify(body)).toEqual({ status: 200, text: 'success' })
      return answer
    }
    await bed.settle()
    await bed.pass(MINUTE)
    await expectAllBack(order, outTradeNo)
    const events = (await postingsOf(bed, order.id)).map(({ event }) => event)
    expect(events).toEqual(['pay_surplus', 'refund'])
  })

  test('E26 too little on the account waits for funds, tries again, and after a day asks a person', async () => {
    bed.provider.refund = async () => ({ kind: 'refused', code: 'ACQ.SELLER_BALANCE_NOT_ENOUGH', raw: '{}' })
    const { order, outTradeNo } = await surplus()
    await bed.settle()
    expect(await refundsOf(bed, order.id)).toMatchObject([{ state: 'WAIT_FUNDS' }])
    bed.provider.refund = original.refund
    await bed.pass(5 * MINUTE)
    await expectAllBack(order, outTradeNo)

    bed.provider.refund = async () => ({ kind: 'refused', code: 'ACQ.SELLER_BALANCE_NOT_ENOUGH', raw: '{}' })
    const poor = await surplus()
    await bed.pass(25 * 60 * MINUTE, 30 * MINUTE)
    const [refund] = await refundsOf(bed, poor.order.id)
    expect(refund).toMatchObject({ state: 'MANUAL', owner: 'operator', due_at: expect.any(Date) })
    expect(await casesOf(refund?.out_request_no ?? '')).toEqual([{ kind: 'refund_manual', state: 'open' }])
  })

  test.each([
    ['ACQ.BUYER_ENABLE_STATUS_FORBID', 1],
    ['ACQ.TRADE_NOT_ALLOW_REFUND', 1],
    ['ACQ.TRADE_HAS_CLOSE', 2],
    ['ACQ.REASON_TRADE_REFUND_FEE_ERR', 2],
  ])('ALI-22 %s ends with a person, asked about first where it may have happened', async (code, looks) => {
    bed.provider.refund = async () => ({ kind: 'refused', code, raw: '{}' })
    const { order } = await surplus()
    await bed.settle()
    expect(await refundsOf(bed, order.id)).toMatchObject([{ state: looks === 1 ? 'MANUAL' : 'UNKNOWN' }])
    await bed.pass(MINUTE)
    expect(await refundsOf(bed, order.id)).toMatchObject([{ state: 'MANUAL', done_fen: 0 }])
    expect(await accountSum(deps.db, 'REFUND_PAYABLE', String(order.id))).toBe(-order.amountFen)
  })

  test.each(['guest', 'host'] as const)(
    'a paid order that its %s ends in time is sent back whole, and nothing of it is earned later',
    async (by) => {
      const { order, payUrl, outTradeNo } = await open({ startDate: '2027-02-01' })
      await sandbox.pay({ payUrl })
      await sandbox.waitForNotify({ outTradeNo })
      await bed.cancel(order, by)
      await bed.settle()
      expect(await refundsOf(bed, order.id)).toMatchObject([{ state: 'SUCCEEDED', reason: `${by}_cancel` }])
      expect(sandbox.control.trade(outTradeNo)).toMatchObject({ refundedFen: order.amountFen })
      const events = (await postingsOf(bed, order.id)).map(({ event }) => event)
      expect(events).toEqual(['pay_applied', 'cancel', 'refund'])
      expect(await accountSum(deps.db, 'GUEST_ESCROW', String(order.id))).toBe(0)
      expect(await accountSum(deps.db, 'REFUND_PAYABLE', String(order.id))).toBe(0)
    },
  )

  test('E24 TRADE_FINISHED counts as paid, ends refunding, and leaves what is owed to a person', async () => {
    const { order, outTradeNo } = await open()
    const finished = (tradeNo: string) =>
      signedForm(bed, noticeFields(bed, { outTradeNo, tradeNo }, { trade_status: 'TRADE_FINISHED' }))
    await bed.notify(await finished('2026112322001000000000000901'))
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
    expect(await attemptsOf(bed, order.id)).toMatchObject([{ state: 'SUCCEEDED', refundable: false }])

    const late = await surplus()
    await bed.notify(
      await signedForm(
        bed,
        noticeFields(
          bed,
          { outTradeNo: late.outTradeNo, tradeNo: sandbox.control.trade(late.outTradeNo).tradeNo },
          { trade_status: 'TRADE_FINISHED' },
        ),
      ),
    )
    await bed.settle()
    expect(await orderRow(bed, late.order.id)).toMatchObject({ status: 'CANCELED' })
    expect(await refundsOf(bed, late.order.id)).toMatchObject([{ state: 'MANUAL', error: 'ACQ.TRADE_HAS_FINISHED' }])
  })

  test('E23 E30 R11 a partial refund by others is recorded and posted, and never a second payment', async () => {
    const { order, payUrl, outTradeNo } = await open()
    await sandbox.pay({ payUrl })
    await sandbox.waitForNotify({ outTradeNo })
    const { tradeNo } = sandbox.control.trade(outTradeNo)
    const part = { refund_fee: '50.00', gmt_refund: '2026-11-23 13:00:00', out_biz_no: 'console_1' }
    for (let time = 0; time < 2; time += 1) {
      const body = await signedForm(bed, noticeFields(bed, { outTradeNo, tradeNo }, part))
      expect(await bed.notify(body)).toEqual({ status: 200, text: 'success' })
    }
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
    expect(await receivedFen(deps.db, order.id)).toBe(order.amountFen)
    expect(await refundsOf(bed, order.id)).toMatchObject([
      { state: 'EXTERNAL', amount_fen: 5_000, done_fen: 5_000, out_request_no: 'console_1' },
    ])
    expect((await postingsOf(bed, order.id)).map(({ event }) => event)).toEqual(['pay_applied', 'external_refund'])
    expect(await accountSum(deps.db, 'GUEST_ESCROW', String(order.id))).toBe(5_000 - order.amountFen)
  })

  test('N19 a refund that is told before the payment was: both are booked, in whatever order', async () => {
    const { order, outTradeNo } = await open()
    const whole = {
      trade_status: 'TRADE_CLOSED',
      refund_fee: '200.00',
      gmt_refund: '2026-11-23 13:00:00',
      gmt_close: '2026-11-23 13:00:00',
      out_biz_no: 'console_2',
    }
    await bed.notify(await signedForm(bed, noticeFields(bed, { outTradeNo }, whole)))
    expect((await postingsOf(bed, order.id)).map(({ event }) => event)).toEqual(['pay_applied', 'external_refund'])
    expect(await accountSum(deps.db, 'GUEST_ESCROW', String(order.id))).toBe(0)
  })
})

test('L9 after all of this the accounts add up to nothing', async () => {
  const balance = await trialBalance(deps.db, deps.clock.now())
  expect(balance.reduce((sum, { sumFen }) => sum + sumFen, 0)).toBe(0)
})

test('ALI-2 the adapter refuses our own public key as that of Alipay', () => {
  const { alipay, publicOrigin } = deps.config
  const own = { ...alipay, publicKey: sandbox.merchant.appPublicKeyPem, publicOrigin, clock: deps.clock }
  expect(() => createAlipay(own)).toThrow(/own public key/)
})
