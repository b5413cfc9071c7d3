import { beforeAll, describe, expect, test } from 'vitest'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
import { moveOrder } from './move-order.ts'
import { lockOrder } from './order-lock.ts'
import { type OrderApp, type Person, testOrderApp } from './testing-order-app.ts'

let bed: OrderApp
let visitor: Person
beforeAll(async () => {
  bed = await testOrderApp()
  visitor = await bed.as(await givenUser(bed.deps.db))
})

const nights = { start_date: '2026-12-01', end_date: '2026-12-03' }

/** A house with an order for those nights, and how to see whether they are free. */
async function aBookedHouse() {
  const { db } = bed.deps
  const hostUser = await givenUser(db)
  const house = await givenHouse(db, { hostId: hostUser.id, areaId: 7 })
  const guest = await bed.as(await givenUser(db))
  const placed = await guest.send('POST', '/orders', { house_id: house.id, ...nights })
  const { order_id: id } = placed.data as { order_id: number }
  const isFound = async () => {
    const { data } = await visitor.send('GET', `/houses?aid=7&sd=${nights.start_date}&ed=${nights.end_date}`)
    return (data as { houses: { house_id: number }[] }).houses.some((found) => found.house_id === house.id)
  }
  const isBooked = async () => {
    const { data } = await visitor.send('GET', `/order/house/${house.id}`)
    return (data as { house: { booked: unknown[] } }).house.booked.length > 0
  }
  return { id, house, guest, host: await bed.as(hostUser), isFound, isBooked }
}

describe('X2 R4.1 the nights of an order', () => {
  test('are gone from search and calendar with the booking, and back with the rejection', async () => {
    const { id, host, isFound, isBooked } = await aBookedHouse()
    expect([await isFound(), await isBooked()]).toEqual([false, true])
    await host.send('PUT', `/orders/${id}/status`, { action: 'reject', reason: '维修' })
    expect([await isFound(), await isBooked()]).toEqual([true, false])
  })

  test('are back with the cancelling', async () => {
    const { id, guest, isFound, isBooked } = await aBookedHouse()
    await guest.send('POST', `/orders/${id}/cancel`)
    expect([await isFound(), await isBooked()]).toEqual([true, false])
  })

  test.each(['guest', 'host'] as const)('are back with the cancelling of a paid order by the %s', async (by) => {
    const { id, guest, host, isFound, isBooked } = await aBookedHouse()
    await host.send('PUT', `/orders/${id}/status`, { action: 'accept' })
    const { db, transact, clock } = bed.deps
    await transact(async (tx) => {
      const order = await lockOrder(tx, id)
      if (!order) throw new Error('no order')
      await moveOrder(tx, order, { step: 'pay', tradeNo: `trade${id}` }, { actor: 'gateway' }, clock.now())
    })
    expect(await db.selectFrom('orders').select('status').where('id', '=', id).executeTakeFirst()).toEqual({
      status: 'PAID',
    })
    expect([await isFound(), await isBooked()]).toEqual([false, true])
    const person = by === 'guest' ? guest : host
    expect(await person.send('POST', `/orders/${id}/cancel`, { reason: '改期' })).toMatchObject({ status: 200 })
    expect([await isFound(), await isBooked()]).toEqual([true, false])
  })

  test('are still held while the order is closing', async () => {
    const { id, guest, host, isFound, isBooked } = await aBookedHouse()
    await host.send('PUT', `/orders/${id}/status`, { action: 'accept' })
    bed.moneyInFlight.add(id)
    expect(await guest.send('POST', `/orders/${id}/cancel`)).toMatchObject({ data: { status: 'CLOSING' } })
    expect([await isFound(), await isBooked()]).toEqual([false, true])
  })
})

describe('R6.2 a booking over the API', () => {
  test.each([
    ['19.99', 1_999, 3, 5_997],
    ['0.29', 29, 3, 87],
    ['1.15', 115, 7, 805],
  ])('at %s yuan a night costs what the server says, to the cent', async (_yuan, priceFen, days, amount) => {
    const house = await givenHouse(bed.deps.db, { priceFen })
    const person = await bed.as(await givenUser(bed.deps.db))
    const body = { house_id: house.id, start_date: '2026-12-01', end_date: `2026-12-0${1 + days}` }
    const placed = await person.send('POST', '/orders', { ...body, expected_amount_fen: amount })
    expect(placed).toMatchObject({ status: 201, data: { status: 'WAIT_ACCEPT', days, amount } })
    expect((await person.send('GET', '/user/orders')).data).toMatchObject({ orders: [{ days, amount }] })
  })

  test('with one key is made once, also when pressed ten times at once; another body under it is refused', async () => {
    const house = await givenHouse(bed.deps.db)
    const person = await bed.as(await givenUser(bed.deps.db))
    const body = { house_id: house.id, ...nights }
    const first = await person.send('POST', '/orders', body, 'one-press-1')
    const again = await Promise.all(
      Array.from({ length: 10 }, () => person.send('POST', '/orders', body, 'one-press-1')),
    )
    for (const answer of again) {
      if (answer.problem !== 'request_in_flight') expect(answer).toEqual(first)
    }
    expect(first.status).toBe(201)
    const other = await person.send('POST', '/orders', { ...body, guest_count: 2 }, 'one-press-1')
    expect(other).toMatchObject({ status: 422, problem: 'idempotency_key_reused' })
    const made = await bed.deps.db.selectFrom('orders').select('id').where('house_id', '=', house.id).execute()
    expect(made).toHaveLength(1)
  })

  test('X1 asked for by a hundred guests at once is one success and 99 times dates_taken, in under two seconds', async () => {
    const house = await givenHouse(bed.deps.db)
    const people: Person[] = []
    for (let index = 0; index < 100; index += 1) people.push(await bed.as(await givenUser(bed.deps.db)))

    const began = performance.now()
    const answers = await Promise.all(
      people.map((one) => one.send('POST', '/orders', { house_id: house.id, ...nights })),
    )
    const took = performance.now() - began

    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    const losers = answers.filter(({ status, problem }) => status === 409 && problem === 'dates_taken')
    expect(losers).toHaveLength(99)
    expect(took).toBeLessThan(2_000)
  })
})
