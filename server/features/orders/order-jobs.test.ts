import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type MovableClock, movableClock, type TestDeps, testDeps } from '../../platform/testing.ts'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
import { moveOrder } from './move-order.ts'
import { type OrderJobNeeds, orderJobs, runDueOrders } from './order-jobs.ts'
import { lockOrder } from './order-lock.ts'
import { placeOrder } from './place-order.ts'
import { givenOrder } from './testing-orders.ts'

const START = '2026-11-23T04:00:00Z'
let deps: TestDeps
let clock: MovableClock
let needs: OrderJobNeeds
let moneyInFlight: Set<number>

beforeAll(async () => {
  deps = await testDeps()
})
beforeEach(() => {
  clock = movableClock(START)
  moneyInFlight = new Set()
  needs = { ...deps, clock, payments: { couldStillTakeMoney: async (_tx, id) => moneyInFlight.has(id) } }
})

const row = (id: number) => deps.db.selectFrom('orders').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const stay = (id: number) =>
  deps.db.selectFrom('stays').selectAll().where('order_id', '=', id).executeTakeFirstOrThrow()
const moves = async (id: number, to: string) => {
  const rows = await deps.db
    .selectFrom('order_history')
    .select('id')
    .where('order_id', '=', id)
    .where('to_status', '=', to)
    .execute()
  return rows.length
}
/** Two instances of the program look again and again until neither finds anything. */
async function runTwoInstances(): Promise<void> {
  for (;;) {
    const [one, other] = await Promise.all([runDueOrders(needs), runDueOrders(needs)])
    if (one + other === 0) return
  }
}

describe('what time does to an order', () => {
  test('X2 the host who does not answer within the window loses it, to the millisecond, and the nights are free', async () => {
    const house = await givenHouse(deps.db)
    const acceptBy = new Date('2026-11-23T06:00:00Z')
    const { id, startDate, endDate } = await givenOrder(deps.db, { house, acceptBy })

    clock.set(new Date(acceptBy.getTime() - 1))
    expect(await runDueOrders(needs)).toBe(0)
    clock.set(acceptBy)
    expect(await runDueOrders(needs)).toBe(1)
    expect(await row(id)).toMatchObject({ status: 'CANCELED', close_reason: 'expired', status_at: acceptBy })
    expect(await stay(id)).toMatchObject({ state: 'released', hold_until: null, released_at: acceptBy })

    const other = await givenUser(deps.db)
    const again = { house_id: house.id, guest_id: other.id, guest_count: 1, start_date: startDate, end_date: endDate }
    await expect(deps.transact((tx) => placeOrder(tx, needs, again))).resolves.toMatchObject({ status: 'WAIT_ACCEPT' })
    clock.set(START)
  })

  test('X2 an unpaid order ends at pay-by, or closes with its nights held while money could still come', async () => {
    const payBy = new Date('2026-11-23T05:00:00Z')
    const nobodyPays = await givenOrder(deps.db, { status: 'WAIT_PAYMENT', payBy })
    const cashierOpen = await givenOrder(deps.db, { status: 'WAIT_PAYMENT', payBy })
    moneyInFlight.add(cashierOpen.id)

    clock.set(new Date(payBy.getTime() - 1))
    expect(await runDueOrders(needs)).toBe(0)
    clock.set(payBy)
    expect(await runDueOrders(needs)).toBe(2)
    expect(await row(nobodyPays.id)).toMatchObject({ status: 'CANCELED', close_reason: 'expired' })
    expect(await stay(nobodyPays.id)).toMatchObject({ state: 'released' })
    expect(await row(cashierOpen.id)).toMatchObject({ status: 'CLOSING', close_reason: 'expired' })
    expect(await stay(cashierOpen.id)).toMatchObject({ state: 'held' })

    clock.advance(24 * 3_600_000)
    expect(await runDueOrders(needs)).toBe(0)
    expect((await stay(cashierOpen.id)).state).toBe('held')
  })

  test('F12 a paid stay ends at noon of its last day in Shanghai', async () => {
    const { id } = await givenOrder(deps.db, { status: 'PAID', startDate: '2026-11-22', endDate: '2026-11-24' })
    clock.set('2026-11-24T03:59:59.999Z')
    expect(await runDueOrders(needs)).toBe(0)
    expect((await row(id)).status).toBe('PAID')
    clock.set('2026-11-24T04:00:00Z')
    expect(await runDueOrders(needs)).toBe(1)
    expect(await row(id)).toMatchObject({ status: 'WAIT_COMMENT', checked_out_at: clock.now() })
    expect(await stay(id)).toMatchObject({ state: 'confirmed' })
  })

  test('F15 a stay without a comment is complete after fifteen days and counts once', async () => {
    const house = await givenHouse(deps.db, { orderCount: 4 })
    const checkedOutAt = new Date('2026-11-10T04:00:00Z')
    const { id } = await givenOrder(deps.db, { house, status: 'WAIT_COMMENT', startDate: '2026-11-08', checkedOutAt })
    clock.set('2026-11-25T03:59:59.999Z')
    await runTwoInstances()
    expect((await row(id)).status).toBe('WAIT_COMMENT')
    clock.set('2026-11-25T04:00:00Z')
    await runTwoInstances()
    expect(await row(id)).toMatchObject({ status: 'COMPLETE', comment: null, counted_at: clock.now() })
    const { order_count } = await deps.db
      .selectFrom('houses')
      .select('order_count')
      .where('id', '=', house.id)
      .executeTakeFirstOrThrow()
    expect(order_count).toBe(5)
  })
})

describe('two at once', () => {
  test('E43 two instances move each of thirty due orders once, also many of one house', async () => {
    const acceptBy = new Date('2026-11-23T05:00:00Z')
    const house = await givenHouse(deps.db)
    const ids: number[] = []
    for (let index = 0; index < 30; index += 1) {
      const startDate = `2026-12-${String(index + 1).padStart(2, '0')}`
      const endDate = index === 29 ? '2026-12-31' : `2026-12-${String(index + 2).padStart(2, '0')}`
      const facts = { acceptBy, startDate, endDate }
      ids.push((await givenOrder(deps.db, index % 2 === 0 ? { ...facts, house } : facts)).id)
    }
    clock.set(acceptBy)
    await runTwoInstances()
    for (const id of ids) {
      expect(await row(id)).toMatchObject({ status: 'CANCELED', version: 2 })
      expect(await moves(id, 'CANCELED')).toBe(1)
    }
  })

  test.each(Array.from({ length: 10 }, (_, round) => round))(
    'E42 time running out and money coming in, round %i: one of the two wins and the other sees it',
    async () => {
      const payBy = new Date('2026-11-23T05:00:00Z')
      const { id } = await givenOrder(deps.db, { status: 'WAIT_PAYMENT', payBy })
      clock.set(payBy)
      const pay = deps.transact(async (tx) => {
        const order = await lockOrder(tx, id)
        if (!order) throw new Error('the order was made')
        const move = { step: 'pay', tradeNo: `2026112322001${id}` } as const
        return moveOrder(tx, order, move, { actor: 'gateway' }, clock.now())
      })
      const [paid] = await Promise.allSettled([pay, runDueOrders(needs)])
      await runDueOrders(needs)

      const order = await row(id)
      expect(order.status).toBe(paid.status === 'fulfilled' ? 'PAID' : 'CANCELED')
      expect((await stay(id)).state).toBe(paid.status === 'fulfilled' ? 'confirmed' : 'released')
      expect(order.version).toBe(3)
    },
  )

  test('an order that cannot be moved is logged and does not keep the others waiting', async () => {
    const broken = await givenOrder(deps.db, { status: 'WAIT_PAYMENT', payBy: new Date('2026-11-23T04:30:00Z') })
    const sound = await givenOrder(deps.db, { status: 'WAIT_PAYMENT', payBy: new Date('2026-11-23T05:00:00Z') })
    const failures: object[] = []
    const log = { ...deps.log, error: (facts: object) => failures.push(facts) }
    const couldStillTakeMoney = async (_tx: unknown, id: number) => {
      if (id === broken.id) throw new Error('a defect')
      return false
    }
    clock.set('2026-11-23T05:00:00Z')

    await runDueOrders({ ...needs, log, payments: { couldStillTakeMoney } })
    expect((await row(sound.id)).status).toBe('CANCELED')
    expect((await row(broken.id)).status).toBe('WAIT_PAYMENT')
    expect(failures).toMatchObject([{ order_id: broken.id, err: new Error('a defect') }])
    expect(await runDueOrders(needs)).toBe(1)
  })

  test('the jobs stop between two orders when they are told to', async () => {
    const acceptBy = new Date('2026-11-23T05:00:00Z')
    await givenOrder(deps.db, { acceptBy })
    clock.set(acceptBy)
    const stopped = AbortSignal.abort()
    for (const job of orderJobs(needs)) expect(await job.run(stopped)).toBe(0)
    const counts = await Promise.all(orderJobs(needs).map((job) => job.run(new AbortController().signal)))
    expect(counts).toEqual([1, 0, 0, 0])
  })
})
