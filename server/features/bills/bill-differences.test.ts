import { addDays } from '@ihome/core/calendar'
import type { FaultKind } from 'alipay-sandbox'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  attemptsOf,
  orderRow,
  outTradeNoOf,
  postingsOf,
  refundsOf,
  silenceNotices,
} from '../payments/testing-payments.ts'
import { findDay } from './day-store.ts'
import { listDifferences } from './difference-store.ts'
import { fetchDay } from './fetch-day.ts'
import { type BillBed, billBed, everythingIn } from './testing-bills.ts'

let bed: BillBed

beforeAll(async () => {
  bed = await billBed()
})

beforeEach(async () => {
  for (const { id } of bed.sandbox.faults.list()) await bed.sandbox.faults.remove(id)
  await bed.sandbox.control.changeSettings({ official_sandbox_limits: false, fee_rate: 0.006 })
  await bed.nextDayAt(12)
  await bed.fetchDue()
})

/** An order that is paid; `heard` is false when no message of it reached us. */
async function paid({ heard = true } = {}) {
  const order = await bed.givenOrder()
  const payUrl = await bed.payUrl(order)
  // The gateway tries for a day; the silence ends with the test.
  if (!heard) await silenceNotices(bed)
  await bed.sandbox.pay({ payUrl })
  await bed.sandbox.clock.settle()
  if (heard) await bed.settle()
  return { order, outTradeNo: outTradeNoOf(payUrl) }
}

/** Compares the day that ends now, without the jobs that would have found out by themselves. */
async function compareToday(): Promise<string> {
  const day = bed.today()
  bed.deps.clock.set(new Date(`${addDays(day, 1)}T02:00:00Z`))
  await bed.fetchDue()
  return day
}

const openCases = async () =>
  (await bed.deps.db.selectFrom('cases').select(['kind', 'subject']).where('state', '=', 'open').execute()).map(
    ({ kind, subject }) => `${kind} ${subject}`,
  )

describe('ALI-26 SBX-69 what is wrong with a file is told by line, and a person asked', () => {
  test.each<[FaultKind, string]>([
    ['bill_line_missing', 'payment_missing'],
    ['bill_line_twice', 'line_twice'],
    ['bill_foreign_line', 'payment_foreign'],
    ['bill_amount_changed', 'payment_amount_differs'],
    ['bill_fee_changed', 'fee_contradicted'],
  ])('%s is %s', async (fault, kind) => {
    const { outTradeNo } = await paid()
    // Struck once for the file of trades, which is fetched first.
    await bed.fault(fault, { times: 1 })
    const day = await compareToday()
    expect(await bed.differences(day)).toContainEqual([kind, 'open'])
    expect(await openCases()).toContain(`bill_difference ${day}`)
    const told = await listDifferences(bed.deps.db, day)
    if (kind !== 'payment_foreign') expect(told).toMatchObject([{ kind, out_trade_no: outTradeNo }])
    // The file is fetched again, whole this time: what was wrong with it is gone by itself.
    await fetchDay(bed.billNeeds, day, { again: true })
    const left = (await bed.differences(day)).filter(([, now]) => now !== 'fixed')
    expect(left).toEqual([])
    expect(await openCases()).not.toContain(`bill_difference ${day}`)
  })

  test('bill_truncated is no bill, and the next try brings it', async () => {
    await paid()
    await bed.fault('bill_truncated', { times: 1 })
    const day = await compareToday()
    expect(await findDay(bed.deps.db, day)).toBeUndefined()
    bed.deps.clock.advance(16 * 60_000)
    await bed.fetchDue()
    expect(await findDay(bed.deps.db, day)).toMatchObject({ matched: 1, theirs_fen: expect.any(Number) })
  })
})

describe('what the bill shows and no message told', () => {
  test('E02 of a payment makes the order paid, by the gateway’s own answer', async () => {
    const { order } = await paid({ heard: false })
    expect((await orderRow(bed, order.id)).status).toBe('WAIT_PAYMENT')
    const day = await compareToday()
    expect(await bed.differences(day)).toEqual([['payment_not_booked', 'fixed']])
    expect((await orderRow(bed, order.id)).status).toBe('PAID')
    expect((await attemptsOf(bed, order.id))[0]).toMatchObject({ state: 'SUCCEEDED', billed_fee_fen: 120 })
    const facts = await bed.deps.db
      .selectFrom('gateway_facts as f')
      .innerJoin('payment_attempts as a', 'a.id', 'f.attempt_id')
      .select(['f.entrance', 'f.effect'])
      .where('a.order_id', '=', order.id)
      .execute()
    expect(facts).toEqual([{ entrance: 'bill', effect: 'applied' }])
  })

  test('E18 E44 of a payment that a restored database lacks is kept, and goes back after a day', async () => {
    const { order, outTradeNo } = await paid({ heard: false })
    await bed.deps.database.owner.deleteFrom('payment_attempts').where('order_id', '=', order.id).execute()
    const day = await compareToday()
    expect(await bed.differences(day)).toEqual([['payment_unmatched', 'fixed']])
    expect(await openCases()).toContain(`unmatched ${outTradeNo}`)
    expect(await findDay(bed.deps.db, day)).toMatchObject({ only_theirs: 0, matched: 1, fees_fen: 120 })
    // The worker of refunds looks each second; hours at once are enough here.
    await bed.pass(25 * 3_600_000, 3_600_000)
    const trade = bed.sandbox.control.trade(outTradeNo)
    expect(trade.refundedFen).toBe(trade.amountFen)
  })

  test('E30 of a refund that others made books it with its own number and amount', async () => {
    const { order, outTradeNo } = await paid()
    await silenceNotices(bed)
    await bed.sandbox.control.refundTrade(outTradeNo, { amountFen: 700 })
    await bed.sandbox.clock.settle()
    const day = await compareToday()
    expect(await bed.differences(day)).toEqual([['refund_external', 'fixed']])
    expect(await refundsOf(bed, order.id)).toMatchObject([{ state: 'EXTERNAL', amount_fen: 700, done_fen: 700 }])
    expect((await postingsOf(bed, order.id)).map(({ event }) => event)).toContain('external_refund')
  })

  test('F13 of a fee on another sum is the truth, and the difference is told', async () => {
    await bed.sandbox.control.changeSettings({ fee_rate: 0.01 })
    const { order } = await paid()
    const day = await compareToday()
    expect(await bed.differences(day)).toEqual([['fee_differs', 'fixed']])
    expect((await attemptsOf(bed, order.id))[0]).toMatchObject({ expected_fee_fen: 120, billed_fee_fen: 200 })
  })
})

test('L8 each day’s balance is the gateway’s, day after day, and a top-up is told apart', async () => {
  await paid()
  const first = await compareToday()
  await bed.sandbox.control.topUp(bed.sandbox.merchant.sellerId, 12_345)
  await paid()
  const second = await compareToday()
  expect(await bed.differences(second)).toEqual([['account_movement', 'open']])
  const [one, two] = [await findDay(bed.deps.db, first), await findDay(bed.deps.db, second)]
  expect(one?.theirs_fen).toBe(one?.ours_fen)
  expect(two?.theirs_fen).toBe(two?.ours_fen)
  expect((two?.theirs_fen ?? 0) - (one?.theirs_fen ?? 0)).toBe(12_345 + 20_000 - 120)
})

test('ALI-27 a bill that does not come is an alarm after a day, and ends when it comes', async () => {
  await paid()
  await bed.sandbox.faults.add({ kind: 'bill_late', days: 2, times: 1_000 })
  const day = await compareToday()
  expect(await openCases()).not.toContain(`bill_late ${day}`)
  bed.deps.clock.advance(24 * 3_600_000)
  await bed.fetchDue()
  expect(await openCases()).toContain(`bill_late ${day}`)
  for (const { id } of bed.sandbox.faults.list()) await bed.sandbox.faults.remove(id)
  bed.deps.clock.advance(24 * 3_600_000)
  await bed.fetchDue()
  expect(await openCases()).not.toContain(`bill_late ${day}`)
  expect(await findDay(bed.deps.db, day)).toMatchObject({ matched: 1 })
})

test('ALI-27 an empty day is compared like any other', async () => {
  const { order } = await paid()
  // The gateway says that it has nothing for a day on which we took money.
  await bed.sandbox.control.changeSettings({ official_sandbox_limits: true })
  const day = await compareToday()
  expect(await bed.differences(day)).toEqual([
    ['payment_missing', 'open'],
    ['balance_differs', 'open'],
  ])
  expect((await orderRow(bed, order.id)).status).toBe('PAID')
})

test('SBX-55 every spelling of the files reads the same', async () => {
  await paid()
  const day = await compareToday()
  const before = await everythingIn(bed)
  for (const bill_newline of ['LF', 'CRLF'] as const) {
    for (const bill_columns of ['classic', '2026'] as const) {
      for (const fee_sign of ['negative', 'positive'] as const) {
        await bed.sandbox.control.changeSettings({ bill_newline, bill_columns, fee_sign })
        await fetchDay(bed.billNeeds, day, { again: true })
        expect(await everythingIn(bed)).toBe(before)
      }
    }
  }
})
