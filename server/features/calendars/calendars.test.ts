import type { HouseCalendarView } from '@ihome/contract/schemas/calendars'
import type { HouseBookingView, HouseListView } from '@ihome/contract/schemas/houses'
import { addDays } from '@ihome/core/calendar'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { brokenConstraint } from '../../platform/db.ts'
import { Refusal } from '../../platform/refusal.ts'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
import { checkRedundancy } from '../houses/check-redundancy.ts'
import { type Host, hostingApp } from '../houses/testing-hosting.ts'
import { placeOrder } from '../orders/place-order.ts'

/** Monday. */
const TODAY = '2026-11-23'
const day = (offset: number) => addDays(TODAY, offset)

describe('the calendar of a house', async () => {
  const { deps, person, app } = await hostingApp()
  const { db } = deps

  async function given() {
    const host = await person()
    const house = await givenHouse(db, { hostId: host.id, priceFen: 10_000 })
    const set = (...changes: object[]) =>
      host.ask<HouseCalendarView & { booked: unknown }>('PUT', `/users/houses/${house.id}/nights`, {
        json: { changes },
      })
    return { host, house, set }
  }
  const book = async (houseId: number, start: number, end: number, expected?: number) => {
    const guest = await givenUser(db)
    const wish = {
      guest_id: guest.id,
      house_id: houseId,
      guest_count: 1,
      start_date: day(start),
      end_date: day(end),
      expected_amount_fen: expected,
    }
    return deps.transact((tx) => placeOrder(tx, deps, wish))
  }
  const refusalOf = (work: Promise<unknown>) =>
    work.then(
      () => 'none',
      (error: unknown) => (error instanceof Refusal ? error.problem : String(error)),
    )
  const bookingOf = async (host: Host, houseId: number) =>
    (await host.ask<HouseBookingView>('GET', `/order/house/${houseId}`)).data.house

  test('a closed night is taken for guests, in search and in the database, and open again afterwards', async () => {
    const { host, house, set } = await given()
    const answer = await set({ start_date: day(3), end_date: day(6), closed: true })
    expect(answer.status).toBe(200)
    expect(answer.data.nights.map(({ night, closed }) => [night, closed])).toEqual([3, 4, 5].map((n) => [day(n), true]))
    expect((await bookingOf(host, house.id)).booked).toEqual([{ start_date: day(3), end_date: day(6) }])
    expect(await refusalOf(book(house.id, 5, 7))).toBe('dates_taken')
    const search = async () =>
      (await host.ask<HouseListView>('GET', `/houses?sd=${day(4)}&ed=${day(5)}`)).data.houses.some(
        ({ house_id }) => house_id === house.id,
      )
    expect(await search()).toBe(false)
    expect(await refusalOf(book(house.id, 6, 7))).toBe('none')

    await set({ start_date: day(4), end_date: day(5), closed: false })
    expect((await bookingOf(host, house.id)).booked).toEqual([
      { start_date: day(3), end_date: day(4) },
      { start_date: day(5), end_date: day(6) },
      { start_date: day(6), end_date: day(7) },
    ])
    expect(await search()).toBe(true)
    expect(await checkRedundancy(db, TODAY)).toEqual([])
  })

  test('a night of an order cannot be closed, and the answer names the order’s nights', async () => {
    const { house, set } = await given()
    await book(house.id, 2, 4)
    const answer = await set(
      { start_date: day(1), end_date: day(2), price: 1 },
      { start_date: day(3), end_date: day(9), closed: true },
    )
    expect(answer).toMatchObject({
      status: 409,
      problem: 'dates_taken',
      data: { booked: [{ start_date: day(2), end_date: day(4) }] },
    })
    const rows = await db.selectFrom('house_nights').select('night').where('house_id', '=', house.id).execute()
    expect(rows).toEqual([])
  })

  test('the database itself refuses a closed night on an order’s night', async () => {
    const { house } = await given()
    await book(house.id, 2, 4)
    const block = sql`insert into stays (house_id, kind, start_date, end_date, state, created_at)
                      values (${house.id}, 'block', ${day(3)}, ${day(5)}, 'confirmed', ${deps.clock.now()})`
    expect(await block.execute(db).catch(brokenConstraint)).toBe('stays_share_no_night')
  })

  test('X1 closing and booking the same nights at once: one of them wins, whoever it is', async () => {
    for (let round = 0; round < 8; round += 1) {
      const { house, set } = await given()
      const [closed, booked] = await Promise.all([
        set({ start_date: day(2), end_date: day(4), closed: true }),
        refusalOf(book(house.id, 3, 5)),
      ])
      expect([
        [200, 'dates_taken'],
        [409, 'none'],
      ]).toContainEqual([closed.status, booked])
    }
  })

  test('R6.2 O2 the amount is the sum of the nights as they cost when it was booked, and stays so', async () => {
    const { host, house, set } = await given()
    await set(
      { start_date: day(2), end_date: day(3), price: 12_345 },
      { start_date: day(5), end_date: day(6), price: 50_000 },
    )
    await host.ask('PUT', `/users/houses/${house.id}/weekend-price`, { json: { price: 15_000 } })
    // Wednesday to Sunday: a night of its own, an ordinary one, the weekend's Friday, and a Saturday of its own.
    const total = 12_345 + 10_000 + 15_000 + 50_000
    const view = await bookingOf(host, house.id)
    expect(view.weekend_price).toBe(15_000)
    expect(view.nights).toEqual([
      { night: day(2), price: 12_345, min_days: null },
      { night: day(5), price: 50_000, min_days: null },
    ])
    expect(await refusalOf(book(house.id, 2, 6, 40_000))).toBe('price_changed')
    const { houses } = (await host.ask<HouseListView>('GET', `/houses?sd=${day(2)}&ed=${day(6)}`)).data
    expect(houses.find(({ house_id }) => house_id === house.id)?.stay_total).toBe(total)
    const placed = await book(house.id, 2, 6, total)
    expect(placed.amount).toBe(total)
    await set({ start_date: day(2), end_date: day(6), price: 1 })
    const kept = await db
      .selectFrom('orders')
      .select(['night_prices_fen', 'amount_fen', 'house_price_fen'])
      .where('id', '=', placed.order_id)
      .executeTakeFirstOrThrow()
    expect(kept).toEqual({
      night_prices_fen: [12_345, 10_000, 15_000, 50_000],
      amount_fen: total,
      house_price_fen: 10_000,
    })
    await expect(
      db
        .updateTable('orders')
        .set({ night_prices_fen: [1, 1, 1, total - 3] })
        .where('id', '=', placed.order_id)
        .execute(),
    ).rejects.toThrow('keeps the prices of its nights')
    expect(await checkRedundancy(db, TODAY)).toEqual([])
  })

  test.each([
    [[10_000, 10_000], 20_001],
    [[20_000], 20_000],
    [[20_000, 0], 20_000],
  ])('the database refuses nights %j for an amount of %i', async (nights, amount) => {
    const { host, house } = await given()
    const guest = await givenUser(db)
    const order = sql`
      insert into orders (guest_id, host_id, house_id, start_date, end_date, days, guest_count, house_price_fen,
                          amount_fen, night_prices_fen, status, cancel_rule, accept_by, status_at, created_at, updated_at)
      values (${guest.id}, ${host.id}, ${house.id}, ${day(1)}, ${day(3)}, 2, 1, 10000, ${amount}, ${nights}::bigint[],
              'WAIT_ACCEPT', '{}', now(), now(), now(), now())`
    expect(await order.execute(db).catch(brokenConstraint)).toMatch(
      /^orders_(amount_is_sum_of_nights|every_night_has_a_price)$/,
    )
  })

  test('least nights hold for stays that arrive on that day', async () => {
    const { house, set } = await given()
    await set({ start_date: day(3), end_date: day(4), min_days: 3 })
    expect(await refusalOf(book(house.id, 3, 5))).toBe('stay_too_short')
    expect(await refusalOf(book(house.id, 2, 4))).toBe('none')
    await set({ start_date: day(3), end_date: day(4), min_days: null })
    const rows = await db.selectFrom('house_nights').select('night').where('house_id', '=', house.id).execute()
    expect(rows).toEqual([])
  })

  test('a change can be taken back stretch by stretch', async () => {
    const { set } = await given()
    const before = await set(
      { start_date: day(1), end_date: day(3), price: 500 },
      { start_date: day(2), end_date: day(3), closed: true },
    )
    await set({ start_date: day(1), end_date: day(5), price: 900, min_days: 2, closed: true })
    const after = await set(
      { start_date: day(1), end_date: day(2), price: 500, min_days: null, closed: false },
      { start_date: day(2), end_date: day(3), price: 500, min_days: null, closed: true },
      { start_date: day(3), end_date: day(5), price: null, min_days: null, closed: false },
    )
    expect(after.data.nights).toEqual(before.data.nights)
  })

  test.each([
    [{ start_date: day(-1), end_date: day(2), closed: true }, 422],
    [{ start_date: day(2), end_date: day(2), closed: true }, 422],
    [{ start_date: '2026-02-30', end_date: day(2), closed: true }, 422],
    [{ start_date: day(2), end_date: day(2_000), closed: true }, 422],
    [{ start_date: day(2), end_date: day(3), price: 0 }, 400],
    [{ start_date: day(2), end_date: day(3), price: 19.99 }, 400],
    [{ start_date: day(2), end_date: day(3), min_days: 366 }, 400],
    [{ start_date: day(2), end_date: day(3), owner: 1 }, 400],
  ])('refuses %j', async (change, status) => {
    const { set } = await given()
    expect((await set(change)).status).toBe(status)
  })

  test('D-27 nobody reads or changes the calendar of another person’s house', async () => {
    const { house } = await given()
    const other = await person()
    const path = `/users/houses/${house.id}`
    const answers = [
      await other.ask('GET', `${path}/calendar`),
      await other.ask('PUT', `${path}/nights`, {
        json: { changes: [{ start_date: day(1), end_date: day(2), closed: true }] },
      }),
      await other.ask('PUT', `${path}/weekend-price`, { json: { price: 1 } }),
      await other.ask('POST', `${path}/calendar-export`, { json: {} }),
      await other.ask('POST', `${path}/calendar-imports`, { json: { name: 'x', url: 'https://example.com/a.ics' } }),
    ]
    expect(answers.map(({ problem }) => problem)).toEqual(answers.map(() => 'not_house_owner'))
  })

  test('own orders stand in it as stretches with the guest’s name', async () => {
    const { host, house } = await given()
    const { order_id } = await book(house.id, 4, 6)
    const { orders, last_day } = (await host.ask<HouseCalendarView>('GET', `/users/houses/${house.id}/calendar`)).data
    expect(orders).toMatchObject([{ order_id, start_date: day(4), end_date: day(6), status: 'WAIT_ACCEPT' }])
    expect(orders[0]?.guest_name).toMatch(/^199\*{4}\d{4}$/)
    expect(last_day).toBe(day(730))
    expect(app).toBeDefined()
  })
})
