import { addDays, dayInShanghai } from '@ihome/core/calendar'
import { sql } from 'kysely'
import { afterEach, describe, expect, test } from 'vitest'
import { INVARIANTS } from '../../audit/invariants.ts'
import { givenHouse } from '../../platform/testing-builders.ts'
import { accountSum } from '../ledger/post.ts'
import type { GivenOrder } from '../orders/testing-orders.ts'
import { askGateway } from './ask-gateway.ts'
import { lockPaid, promisePart } from './refund-part.ts'
import {
  attemptsOf,
  noticeFields,
  orderRow,
  outTradeNoOf,
  paymentBed,
  refundsOf,
  signedForm,
  silenceNotices,
} from './testing-payments.ts'

const bed = await paymentBed()
const { deps, sandbox } = bed
const AMOUNT = 200_000
const original = { ...bed.provider }
let hearAgain = async (): Promise<void> => undefined
afterEach(async () => {
  Object.assign(bed.provider, original)
  await hearAgain()
})

/** A paid night five days ahead; from here on every message of the gateway is lost, and told by the test. */
async function paidOrder() {
  const startDate = addDays(dayInShanghai(deps.clock.now()), 5)
  const house = await givenHouse(deps.db, { priceFen: AMOUNT })
  const order = await bed.givenOrder({ house, startDate, endDate: addDays(startDate, 1) })
  const payUrl = await bed.payUrl(order)
  await sandbox.pay({ payUrl })
  await bed.settle()
  hearAgain = await silenceNotices(bed)
  return { order, outTradeNo: outTradeNoOf(payUrl) }
}

let consoles = 0
/** Somebody refunds in the console; gives the message about it, to be told when the test wants. */
async function refundInConsole(outTradeNo: string, amountFen: number): Promise<() => Promise<void>> {
  consoles += 1
  const outRequestNo = `console_${consoles}`
  await sandbox.control.refundTrade(outTradeNo, { amountFen, outRequestNo })
  const { tradeNo, refundedFen } = sandbox.control.trade(outTradeNo)
  const told = {
    refund_fee: (refundedFen / 100).toFixed(2),
    gmt_refund: '2026-11-23 13:00:00',
    out_biz_no: outRequestNo,
  }
  const body = await signedForm(bed, noticeFields(bed, { outTradeNo, tradeNo, amount: '2000.00' }, told))
  return async () => expect(await bed.notify(body)).toEqual({ status: 200, text: 'success' })
}

/** A part of ours, promised as when an operator gives it back. */
const ours = (order: GivenOrder, amountFen: number) =>
  deps.transact(async (tx) => {
    const paid = await lockPaid(tx, order.id)
    return promisePart(tx, deps, paid, { amountFen, reason: 'early_end', note: '少了一晚' }, deps.clock.now())
  })

const rows = async (order: GivenOrder) =>
  (await refundsOf(bed, order.id)).map(({ state, amount_fen }) => [state, amount_fen])
const owed = async (order: GivenOrder) => 0 - (await accountSum(deps.db, 'REFUND_PAYABLE', String(order.id)))

describe('R11 E30 money that others gave back', () => {
  test('is booked at once, also when its message comes after our own refund of the same trade', async () => {
    const { order, outTradeNo } = await paidOrder()
    const tell = await refundInConsole(outTradeNo, 30_000)
    await ours(order, 50_000)
    await bed.settle()
    expect(await rows(order)).toEqual([['SUCCEEDED', 50_000]])
    await tell()
    await tell()
    expect(await rows(order)).toEqual([
      ['SUCCEEDED', 50_000],
      ['EXTERNAL', 30_000],
    ])
    expect(sandbox.control.trade(outTradeNo)).toMatchObject({ refundedFen: 80_000 })
    expect(await accountSum(deps.db, 'GUEST_ESCROW', String(order.id))).toBe(80_000 - AMOUNT)
  })

  test('in two parts that are told the other way round is two rows of their own amounts', async () => {
    const { order, outTradeNo } = await paidOrder()
    const first = await refundInConsole(outTradeNo, 30_000)
    const second = await refundInConsole(outTradeNo, 45_000)
    await second()
    await first()
    expect(await rows(order)).toEqual([
      ['EXTERNAL', 45_000],
      ['EXTERNAL', 30_000],
    ])
  })

  test('is booked once when an answer of ours has told the whole of it before', async () => {
    const { order, outTradeNo } = await paidOrder()
    const part = await refundInConsole(outTradeNo, 30_000)
    const rest = await refundInConsole(outTradeNo, AMOUNT - 30_000)
    const [attempt] = await attemptsOf(bed, order.id)
    if (attempt) await askGateway(bed.needs, attempt, 'manual')
    await part()
    await rest()
    expect(await rows(order)).toEqual([['EXTERNAL', AMOUNT]])
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'CANCELED', close_reason: 'system' })
  })

  test('waits while the gateway is silent about its number, and is booked when it answers', async () => {
    const { order, outTradeNo } = await paidOrder()
    const tell = await refundInConsole(outTradeNo, 30_000)
    bed.provider.queryRefund = async () => ({ kind: 'unknown', reason: 'timeout', raw: '' })
    await tell()
    await bed.settle()
    expect(await rows(order)).toEqual([])
    bed.provider.queryRefund = original.queryRefund
    await bed.pass(61_000, 61_000)
    expect(await rows(order)).toEqual([['EXTERNAL', 30_000]])
  })

  test('in the place of a part of a refund that waits for a person leaves the rest owed, and it goes by itself', async () => {
    const { order, outTradeNo } = await paidOrder()
    bed.provider.refund = async () => ({ kind: 'refused', code: 'ACQ.BUYER_ENABLE_STATUS_FORBID', raw: '{}' })
    await bed.cancel(order, 'guest')
    await bed.settle()
    bed.provider.refund = original.refund
    expect(await rows(order)).toEqual([['MANUAL', AMOUNT]])
    await (await refundInConsole(outTradeNo, 30_000))()
    expect(await owed(order)).toBe(AMOUNT - 30_000)
    await bed.pass(10_000, 1_000)
    expect(await rows(order)).toEqual([
      ['VOID', AMOUNT],
      ['SUCCEEDED', AMOUNT - 30_000],
      ['EXTERNAL', 30_000],
    ])
    expect(await refundsOf(bed, order.id)).toMatchObject([{}, { reason: 'guest_cancel' }, { reason: 'external' }])
    expect(await owed(order)).toBe(0)
    expect(sandbox.control.trade(outTradeNo)).toMatchObject({ refundedFen: AMOUNT })
    const cases = await deps.db.selectFrom('cases').select(['kind', 'state']).where('order_id', '=', order.id).execute()
    expect(cases).toContainEqual({ kind: 'refund_manual', state: 'closed' })
  })

  test('is waited for while our own refund of all of it is under way, and then takes its place', async () => {
    const { order, outTradeNo } = await paidOrder()
    const tell = await refundInConsole(outTradeNo, 30_000)
    bed.provider.refund = async () => ({ kind: 'unknown', reason: 'timeout', raw: '' })
    await bed.cancel(order, 'guest')
    await bed.settle()
    await tell()
    expect(await rows(order)).toEqual([['UNKNOWN', AMOUNT]])
    bed.provider.refund = original.refund
    await bed.pass(10 * 60_000)
    expect(await rows(order)).toEqual([
      ['VOID', AMOUNT],
      ['SUCCEEDED', AMOUNT - 30_000],
      ['EXTERNAL', 30_000],
    ])
    expect(await owed(order)).toBe(0)
  })
})

test.each(INVARIANTS.map(({ id, why, sql: text }) => [id, why, text] as const))(
  '%s holds after all of this: %s',
  async (_id, _why, text) => {
    expect((await sql.raw(text).execute(deps.db)).rows).toEqual([])
  },
)
