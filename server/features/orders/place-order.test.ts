import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { openDatabase, transactor } from '../../platform/db.ts'
import { Refusal } from '../../platform/refusal.ts'
import { type TestDeps, testDatabase, testDeps } from '../../platform/testing.ts'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
import type { lockListedHouse } from '../houses/lock-house.ts'
import { type BookingNeeds, type BookingWish, placeOrder } from './place-order.ts'
import { givenOrder } from './testing-orders.ts'

let deps: TestDeps
beforeAll(async () => {
  deps = await testDeps()
})

const book = (wish: BookingWish, needs: BookingNeeds = deps) => deps.transact((tx) => placeOrder(tx, needs, wish))
const wishFor = (house: { id: number }, guest: { id: number }, facts: Partial<BookingWish> = {}): BookingWish => ({
  house_id: house.id,
  guest_id: guest.id,
  start_date: '2026-12-01',
  end_date: '2026-12-03',
  guest_count: 1,
  ...facts,
})
const problemOf = (error: unknown): string => (error instanceof Refusal ? error.problem : `not a refusal: ${error}`)
const refusalOf = (work: Promise<unknown>): Promise<string> => work.then(() => 'no refusal', problemOf)
const guests = (count: number) => Promise.all(Array.from({ length: count }, () => givenUser(deps.db)))

describe('a booking', () => {
  test('holds the nights, keeps the price and tells the host in one transaction', async () => {
    const house = await givenHouse(deps.db, { priceFen: 1_999 })
    const guest = await givenUser(deps.db)

    const placed = await book(wishFor(house, guest, { expected_amount_fen: 3_998 }))

    expect(placed).toMatchObject({ status: 'WAIT_ACCEPT', days: 2, amount: 3_998 })
    const order = await deps.db
      .selectFrom('orders')
      .selectAll()
      .where('id', '=', placed.order_id)
      .executeTakeFirstOrThrow()
    expect(order).toMatchObject({
      guest_id: guest.id,
      host_id: house.hostId,
      house_price_fen: 1_999,
      amount_fen: 3_998,
      days: 2,
      version: 1,
      accept_by: new Date('2026-11-24T04:00:00Z'),
      pay_by: null,
    })
    const stays = await deps.db.selectFrom('stays').selectAll().where('order_id', '=', placed.order_id).execute()
    expect(stays).toMatchObject([
      { state: 'held', start_date: '2026-12-01', end_date: '2026-12-03', hold_until: order.accept_by },
    ])
    const history = await deps.db
      .selectFrom('order_history')
      .selectAll()
      .where('order_id', '=', placed.order_id)
      .execute()
    expect(history).toMatchObject([{ from_status: null, to_status: 'WAIT_ACCEPT', actor: 'guest', actor_id: guest.id }])
    const messages = await deps.db.selectFrom('outbox').selectAll().where('order_id', '=', placed.order_id).execute()
    expect(messages).toMatchObject([
      { dedupe_key: `placed:${placed.order_id}:host`, payload: { user_id: house.hostId } },
    ])
  })

  test('of a house with instant booking waits for its payment at once, with a window of its own, and passes over the host', async () => {
    const house = await givenHouse(deps.db, { priceFen: 38_800, instant: true })
    const guest = await givenUser(deps.db)

    const placed = await book(wishFor(house, guest))

    expect(placed).toMatchObject({ status: 'WAIT_PAYMENT', days: 2, amount: 77_600 })
    const { order_id: id } = placed
    const order = await deps.db.selectFrom('orders').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    expect(order).toMatchObject({ status: 'WAIT_PAYMENT', version: 2, pay_by: new Date('2026-11-23T06:00:00Z') })
    const stay = await deps.db.selectFrom('stays').selectAll().where('order_id', '=', id).executeTakeFirstOrThrow()
    expect(stay).toMatchObject({ state: 'held', hold_until: new Date('2026-11-23T06:02:00Z') })
    const history = await deps.db
      .selectFrom('order_history')
      .selectAll()
      .where('order_id', '=', id)
      .orderBy('id')
      .execute()
    expect(history).toMatchObject([
      { from_status: null, to_status: 'WAIT_ACCEPT', actor: 'guest' },
      {
        from_status: 'WAIT_ACCEPT',
        to_status: 'WAIT_PAYMENT',
        actor: 'host',
        actor_id: house.hostId,
        reason: 'instant',
      },
    ])
    const messages = await deps.db.selectFrom('outbox').selectAll().where('order_id', '=', id).execute()
    expect(messages).toMatchObject([{ dedupe_key: `placed:${id}:host` }])
  })

  test('O2 keeps the rule to cancel by that the host had chosen then, whatever the host chooses later', async () => {
    const house = await givenHouse(deps.db)
    const choose = (cancel_policy: string) =>
      deps.db.updateTable('houses').set({ cancel_policy }).where('id', '=', house.id).execute()
    const kept = async (orderId: number) => {
      const { rows } = await sql<{ policy: string; tiers: unknown }>`
        select o.policy, r.cancel_rule -> 'tiers' as tiers from audit.orders o
          join orders r on r.id::text = o.order_id where o.order_id = ${String(orderId)}`.execute(deps.db)
      return rows[0]
    }
    await choose('strict')
    const first = await book(wishFor(house, await givenUser(deps.db)))
    await choose('flexible')
    const days = { start_date: '2026-12-03', end_date: '2026-12-04' }
    const second = await book(wishFor(house, await givenUser(deps.db), days))
    expect(await kept(first.order_id)).toEqual({
      policy: 'strict',
      tiers: [
        { hours: 168, percent: 100 },
        { hours: 72, percent: 50 },
      ],
    })
    expect(await kept(second.order_id)).toEqual({ policy: 'flexible', tiers: [{ hours: 24, percent: 100 }] })
    await expect(choose('none')).rejects.toMatchObject({ constraint: 'houses_cancel_policy_known' })
  })

  test('E37 for today is taken until the last second of the day in Shanghai, whose end is also the end of its window', async () => {
    const house = await givenHouse(deps.db)
    const guest = await givenUser(deps.db)
    const at = (instant: string) => ({ config: deps.config, clock: { now: () => new Date(instant) } })
    const today = wishFor(house, guest, { start_date: '2026-12-01', end_date: '2026-12-02' })

    expect(await refusalOf(book(today, at('2026-12-01T16:00:00Z')))).toBe('dates_invalid')
    const placed = await book(today, at('2026-12-01T15:59:59Z'))
    const { accept_by } = await deps.db
      .selectFrom('orders')
      .select('accept_by')
      .where('id', '=', placed.order_id)
      .executeTakeFirstOrThrow()
    expect(accept_by).toEqual(new Date('2026-12-01T16:00:00Z'))
  })

  test.each([
    ['a day that has passed', { start_date: '2026-11-22', end_date: '2026-11-24' }, 'dates_invalid'],
    ['an end on the first day', { start_date: '2026-12-01', end_date: '2026-12-01' }, 'dates_invalid'],
    ['an end before the start', { start_date: '2026-12-03', end_date: '2026-12-01' }, 'dates_invalid'],
    ['a day that does not exist', { start_date: '2027-02-29', end_date: '2027-03-01' }, 'dates_invalid'],
    ['an end that does not exist', { start_date: '2027-02-27', end_date: '2027-02-30' }, 'dates_invalid'],
    ['the year 9999', { start_date: '9999-12-30', end_date: '9999-12-31' }, 'dates_invalid'],
    ['a start past the horizon', { start_date: '2027-11-24', end_date: '2027-11-26' }, 'dates_invalid'],
    ['an end in the year 9999', { start_date: '2026-12-01', end_date: '9999-12-31' }, 'stay_too_long'],
    ['fewer nights than the house wants', { start_date: '2026-12-01', end_date: '2026-12-02' }, 'stay_too_short'],
    ['more nights than the house allows', { start_date: '2026-12-01', end_date: '2026-12-07' }, 'stay_too_long'],
    ['more people than there is room for', { guest_count: 3 }, 'too_many_guests'],
    ['another price than the one seen', { expected_amount_fen: 1 }, 'price_changed'],
  ])('R6.1 is refused for %s, and nothing is written', async (_case, facts, problem) => {
    const house = await givenHouse(deps.db, { minDays: 2, maxDays: 5, capacity: 2 })
    const guest = await givenUser(deps.db)

    expect(await refusalOf(book(wishFor(house, guest, facts)))).toBe(problem)
    expect(await deps.db.selectFrom('orders').select('id').where('guest_id', '=', guest.id).execute()).toEqual([])
    expect(await deps.db.selectFrom('stays').select('id').where('house_id', '=', house.id).execute()).toEqual([])
  })

  test('R6.1 takes the last start within the horizon and a year of nights where the house sets no limit', async () => {
    const house = await givenHouse(deps.db)
    const [one, other] = await guests(2)
    if (!one || !other) throw new Error('two guests were made')
    await book(wishFor(house, one, { start_date: '2027-11-23', end_date: '2028-11-22' }))
    expect(await refusalOf(book(wishFor(house, other, { start_date: '2026-11-23', end_date: '2027-11-24' })))).toBe(
      'stay_too_long',
    )
  })

  test('R5.3 of the own house is refused, and so is one that is unknown or no longer listed', async () => {
    const house = await givenHouse(deps.db)
    const gone = await givenHouse(deps.db, { listed: false })
    const guest = await givenUser(deps.db)
    expect(await refusalOf(book(wishFor(house, { id: house.hostId })))).toBe('own_house')
    expect(await refusalOf(book(wishFor(gone, guest)))).toBe('house_not_found')
    expect(await refusalOf(book(wishFor({ id: Number.MAX_SAFE_INTEGER }, guest)))).toBe('house_not_found')
  })

  test('E16 after the host changed the price is refused with the price of now', async () => {
    const house = await givenHouse(deps.db, { priceFen: 10_000 })
    const guest = await givenUser(deps.db)
    await deps.db.updateTable('houses').set({ price_fen: 12_000 }).where('id', '=', house.id).execute()

    const refusal = await book(wishFor(house, guest, { expected_amount_fen: 20_000 })).catch((error: unknown) => error)
    expect(refusal).toMatchObject({
      problem: 'price_changed',
      details: { house_price: 12_000, days: 2, amount: 24_000 },
    })
  })

  test('is refused as the fourth unpaid one of a guest, before the nights are looked at', async () => {
    const guest = await givenUser(deps.db)
    const taken = await givenHouse(deps.db)
    await givenOrder(deps.db, { house: taken, startDate: '2026-12-01' })
    for (const status of ['WAIT_ACCEPT', 'WAIT_PAYMENT', 'CLOSING'] as const) {
      await givenOrder(deps.db, { guestId: guest.id, status })
    }
    expect(await refusalOf(book(wishFor(taken, guest)))).toBe('too_many_open_orders')

    const closed = await deps.db
      .selectFrom('orders')
      .select('id')
      .where('guest_id', '=', guest.id)
      .orderBy('id')
      .execute()
    await deps.db
      .updateTable('orders')
      .set({ status: 'CANCELED', close_reason: 'guest', version: 2 })
      .where('id', '=', closed[0]?.id ?? 0)
      .execute()
    expect(await refusalOf(book(wishFor(taken, guest)))).toBe('dates_taken')
    expect(await refusalOf(book(wishFor(await givenHouse(deps.db), guest)))).toBe('no refusal')
  })

  test('counts the open orders of a guest who asks for ten houses at once', async () => {
    const guest = await givenUser(deps.db)
    const houses = await Promise.all(Array.from({ length: 10 }, () => givenHouse(deps.db)))

    const answers = await Promise.all(houses.map((house) => refusalOf(book(wishFor(house, guest)))))

    expect(answers.filter((answer) => answer === 'no refusal')).toHaveLength(3)
    expect(answers.filter((answer) => answer === 'too_many_open_orders')).toHaveLength(7)
  })
})

describe('many bookings at once', () => {
  test('X1 E41 of one house and shared nights: one of a hundred wins, the others hear it within two seconds, nobody deadlocks', async () => {
    const house = await givenHouse(deps.db)
    const people = await guests(100)

    const began = performance.now()
    const answers = await Promise.all(
      people.map((guest, index) =>
        // All of them share the night of the 5th.
        refusalOf(book(wishFor(house, guest, { start_date: `2026-12-0${1 + (index % 5)}`, end_date: '2026-12-06' }))),
      ),
    )
    const took = performance.now() - began

    expect(answers.filter((answer) => answer === 'no refusal')).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'dates_taken')).toHaveLength(99)
    expect(took).toBeLessThan(2_000)
    expect(await deadlocksIn(deps)).toEqual([])
  })

  test('X1 that only touch all succeed', async () => {
    const house = await givenHouse(deps.db)
    const people = await guests(20)
    const day = (number: number) => `2026-12-${String(number).padStart(2, '0')}`

    const answers = await Promise.all(
      people.map((guest, index) =>
        refusalOf(book(wishFor(house, guest, { start_date: day(index + 1), end_date: day(index + 2) }))),
      ),
    )
    expect(answers).toEqual(people.map(() => 'no refusal'))
    const { busy } = await deps.db
      .selectFrom('houses')
      .select(sql<string>`busy::text`.as('busy'))
      .where('id', '=', house.id)
      .executeTakeFirstOrThrow()
    expect(busy).toBe('{[2026-12-01,2026-12-21)}')
  })

  test('X1 without the lock and the constraint give the same night to several guests, so the race above is real', async () => {
    const database = await testDatabase()
    await sql`alter table stays drop constraint stays_share_no_night`.execute(database.owner)
    const house = await givenHouse(database.db)
    const people = await Promise.all(Array.from({ length: 8 }, () => givenUser(database.db)))
    // A bystander keeps the row from being written until all eight have looked at the calendar.
    const bystander = openDatabase({ url: database.ownerUrl, poolSize: 1 })
    let open = (): void => undefined
    const opened = new Promise<void>((resolve) => {
      open = resolve
    })
    let standing = (): void => undefined
    const stands = new Promise<void>((resolve) => {
      standing = resolve
    })
    const gate = bystander.db.transaction().execute(async (tx) => {
      await sql`select 1 from houses where id = ${house.id} for update`.execute(tx)
      standing()
      await opened
    })
    await stands
    const needs = { ...deps, lockHouse: readUnlocked }
    const transact = transactor(database.db)
    const answers = Promise.all(
      people.map((guest) => refusalOf(transact((tx) => placeOrder(tx, needs, wishFor(house, guest))))),
    )
    await expect.poll(() => waitingForLocks(database.owner), { timeout: 10_000 }).toBe(people.length)
    open()
    await gate
    await bystander.db.destroy()

    expect(await answers).toEqual(people.map(() => 'no refusal'))
    const holders = await database.db.selectFrom('stays').select('id').where('house_id', '=', house.id).execute()
    expect(holders).toHaveLength(people.length)
  })

  test('without the lock alone are still sold once: the constraint has the last word', async () => {
    const house = await givenHouse(deps.db)
    const people = await guests(8)
    const withoutLock = { ...deps, lockHouse: readUnlocked }

    const answers = await Promise.all(people.map((guest) => refusalOf(book(wishFor(house, guest), withoutLock))))

    expect(answers.filter((answer) => answer === 'no refusal')).toHaveLength(1)
    const holders = await deps.db.selectFrom('stays').select('id').where('house_id', '=', house.id).execute()
    expect(holders).toHaveLength(1)
  })
})

/** What the server's log, which all test files share, says about this database. */
async function deadlocksIn({ database }: TestDeps): Promise<string[]> {
  const name = new URL(database.url).pathname.slice(1)
  const lines = ((await database.readServerLog()) ?? '').split('\n')
  return lines.filter((line) => line.includes(name) && line.includes('deadlock detected'))
}

const readUnlocked: typeof lockListedHouse = (tx, id) =>
  tx
    .selectFrom('houses')
    .select(['id', 'user_id as hostId', 'title', 'price_fen as priceFen', 'min_days as minDays'])
    .select([
      'weekend_price_fen as weekendFen',
      'nights_set as nightsSet',
      'max_days as maxDays',
      'capacity',
      'listed',
      'instant',
      'cancel_policy as cancelPolicy',
    ])
    .where('id', '=', id)
    .executeTakeFirst()

async function waitingForLocks(db: Parameters<typeof givenHouse>[0]): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock'`.execute(db)
  return rows[0]?.count ?? 0
}
