import { clawback, clawbackVoid } from '@ihome/core/ledger/postings'
import { toFen } from '@ihome/core/money'
import { describe, expect, test } from 'vitest'
import { accountSum, entriesOf, post } from '../ledger/post.ts'
import type { GivenOrder } from '../orders/testing-orders.ts'
import { openPayouts } from './open-payouts.ts'
import { promisedFen } from './promised.ts'
import { schedulePayouts } from './schedule-payouts.ts'
import { eventsOfOrder, type GivenHost, payoutBed, payoutsOfOrder, standingOf } from './testing-payouts.ts'

describe('what a host owes', async () => {
  const bed = await payoutBed()
  const { deps } = bed

  /** Promises `fen` of this order back to its guest, as a refund after the host was credited does. */
  const takeBack = (host: GivenHost, order: GivenOrder, fen: number, way = 'refund') =>
    deps.transact(async (tx) => {
      const payable = 0 - (await accountSum(tx, 'HOST_PAYABLE', String(host.id)))
      const free = Math.max(0, payable - (await promisedFen(tx, host.id)))
      const gross = toFen(order.amountFen)
      const nothing = toFen(0)
      await post(tx, {
        businessKey: `${way}:clawback:${order.id}`,
        event: 'clawback',
        causes: { orderId: order.id },
        entries: clawback(String(order.id), String(host.id), toFen(fen), {
          guestEscrow: nothing,
          earned: { gross, net: gross, platformFee: nothing, gatewayFee: nothing },
          hostPayable: toFen(free),
        }),
        at: deps.clock.now(),
      })
    })

  /** Nobody is owed it any more, as two operators agree of a refund that cannot be made. */
  const giveUp = (host: GivenHost, order: GivenOrder, way = 'refund') =>
    deps.transact(async (tx) => {
      const nothing = toFen(0)
      await post(tx, {
        businessKey: `${way}:clawback_void:${order.id}`,
        event: 'clawback',
        causes: { orderId: order.id },
        entries: clawbackVoid(String(order.id), String(host.id), await entriesOf(tx, `${way}:clawback:${order.id}`), {
          heldShare: { gross: nothing, net: nothing, platformFee: nothing, gatewayFee: nothing },
          hostDebt: toFen(await accountSum(tx, 'HOST_RECEIVABLE', String(host.id))),
        }),
        at: deps.clock.now(),
      })
    })

  test('T5 E32 a debt is kept from the next payout, and the rest goes out', async () => {
    const host = await bed.givenHost()
    const paid = await bed.givenEarned(host, 20_000)
    await bed.settle()
    await takeBack(host, paid, 15_000)
    expect(await standingOf(bed, host)).toEqual({ owed: 0, debt: 15_000 })
    const next = await bed.givenEarned(host, 20_000)
    const before = bed.moved()
    await bed.settle()
    expect(bed.moved().arrived - before.arrived).toBe(5_000)
    expect(await payoutsOfOrder(bed, next.id)).toMatchObject([
      { state: 'SUCCEEDED', amount_fen: 5_000, netted_fen: 15_000 },
    ])
    expect(await eventsOfOrder(bed, next.id)).toEqual(['pay_applied', 'accrue', 'netting', 'payout'])
    expect(await standingOf(bed, host)).toEqual({ owed: 0, debt: 0 })
  })

  test('T5 a debt above the next payout takes all of it and stays for the one after', async () => {
    const host = await bed.givenHost()
    const paid = await bed.givenEarned(host, 50_000)
    await bed.settle()
    await takeBack(host, paid, 50_000)
    const small = await bed.givenEarned(host, 20_000)
    const before = bed.moved()
    await bed.settle()
    expect(bed.moved()).toEqual(before)
    const [payout] = await payoutsOfOrder(bed, small.id)
    expect(payout).toMatchObject({ state: 'ACCRUED', amount_fen: 0, netted_fen: 20_000, next_try_at: null })
    expect(payout?.settled_at).toEqual(deps.clock.now())
    expect(await standingOf(bed, host)).toEqual({ owed: 0, debt: 30_000 })
  })

  test('T3 what went back before the day is missing in this order’s payout and in no other', async () => {
    const host = await bed.givenHost()
    const [one, other] = [await bed.givenEarned(host, 20_000), await bed.givenEarned(host, 20_000)]
    await takeBack(host, one, 12_000)
    await bed.settle()
    expect(await payoutsOfOrder(bed, one.id)).toMatchObject([{ state: 'SUCCEEDED', amount_fen: 8_000 }])
    expect(await payoutsOfOrder(bed, other.id)).toMatchObject([{ state: 'SUCCEEDED', amount_fen: 20_000 }])
    expect(await standingOf(bed, host)).toEqual({ owed: 0, debt: 0 })
  })

  test('what was taken back, kept from another payout and then given up is paid out once, for the order it came from', async () => {
    const host = await bed.givenHost()
    const paid = await bed.givenEarned(host, 20_000)
    await bed.settle()
    await takeBack(host, paid, 15_000)
    const next = await bed.givenEarned(host, 20_000)
    await bed.settle()
    const before = bed.moved()
    await giveUp(host, paid)
    expect(await standingOf(bed, host)).toEqual({ owed: 15_000, debt: 0 })
    await bed.settle()
    await bed.pass(120_000)
    expect(bed.moved().arrived - before.arrived).toBe(15_000)
    expect(await payoutsOfOrder(bed, paid.id)).toMatchObject([
      { state: 'SUCCEEDED', amount_fen: 20_000 },
      { state: 'SUCCEEDED', amount_fen: 15_000, netted_fen: 0 },
    ])
    expect(await payoutsOfOrder(bed, next.id)).toHaveLength(1)
    expect(await standingOf(bed, host)).toEqual({ owed: 0, debt: 0 })
  })

  test('a debt that was given up before anything was kept for it leaves nothing to pay out', async () => {
    const host = await bed.givenHost()
    const paid = await bed.givenEarned(host, 20_000)
    await bed.settle()
    await takeBack(host, paid, 15_000)
    const before = bed.moved()
    await giveUp(host, paid)
    await bed.settle()
    expect(bed.moved()).toEqual(before)
    expect(await payoutsOfOrder(bed, paid.id)).toHaveLength(1)
    expect(await standingOf(bed, host)).toEqual({ owed: 0, debt: 0 })
  })

  test('what was given up before the payout is in it; what is given up after it follows', async () => {
    const host = await bed.givenHost()
    const [early, late] = [await bed.givenEarned(host, 20_000), await bed.givenEarned(host, 20_000)]
    await openPayouts(bed.needs)
    for (const order of [early, late]) await takeBack(host, order, 12_000)
    await giveUp(host, early)
    await bed.settle()
    expect(await payoutsOfOrder(bed, early.id)).toMatchObject([{ state: 'SUCCEEDED', amount_fen: 20_000 }])
    expect(await payoutsOfOrder(bed, late.id)).toMatchObject([{ state: 'SUCCEEDED', amount_fen: 8_000 }])
    await giveUp(host, late)
    await bed.settle()
    expect((await payoutsOfOrder(bed, early.id)).length).toBe(1)
    expect(await payoutsOfOrder(bed, late.id)).toMatchObject([
      { amount_fen: 8_000 },
      { state: 'SUCCEEDED', amount_fen: 12_000 },
    ])
    expect(await standingOf(bed, host)).toEqual({ owed: 0, debt: 0 })
  })

  test('T3 what is promised is not taken back twice: it becomes a debt', async () => {
    const host = await bed.givenHost()
    const order = await bed.givenEarned(host, 20_000)
    await openPayouts(bed.needs)
    await schedulePayouts(bed.needs)
    await takeBack(host, order, 20_000)
    expect(await standingOf(bed, host)).toEqual({ owed: 20_000, debt: 20_000 })
    await bed.settle()
    expect(await standingOf(bed, host)).toEqual({ owed: 0, debt: 20_000 })
  })

  test('T3 the database refuses to promise more than is owed', async () => {
    const host = await bed.givenHost()
    const order = await bed.givenEarned(host, 20_000)
    await openPayouts(bed.needs)
    const payee = await deps.db
      .selectFrom('payee_accounts')
      .select('id')
      .where('user_id', '=', host.id)
      .executeTakeFirstOrThrow()
    await takeBack(host, order, 1)
    const promise = () =>
      deps.db
        .updateTable('payouts')
        .set({ state: 'SCHEDULED', payee_id: payee.id })
        .where('order_id', '=', order.id)
        .execute()
    await expect(promise()).rejects.toMatchObject({ constraint: 'payouts_are_covered' })
  })

  test.each([
    ['another amount', { amount_fen: 1 }, 'payouts_repeat_unchanged'],
    ['another number', { out_biz_no: 'ih_another_number_altogether' }, 'payouts_repeat_unchanged'],
    ['a second time', { state: 'SENT' }, 'payouts_move_along_their_graph'],
    ['for another order', { earned_fen: 1 }, 'payouts_keep_what_they_are_for'],
  ] as const)('T2 the database refuses to send what was sent as %s', async (_title, change, constraint) => {
    const host = await bed.givenHost()
    const order = await bed.givenEarned(host, 20_000)
    await bed.settle()
    await expect(
      deps.db.updateTable('payouts').set(change).where('order_id', '=', order.id).execute(),
    ).rejects.toMatchObject({ constraint })
  })
})
