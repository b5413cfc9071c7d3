import { beforeAll, describe, expect, test } from 'vitest'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
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

  test('are still held while the order is closing', async () => {
    const { id, guest, host, isFound, isBooked } = await aBookedHouse()
    await host.send('PUT', `/orders/${id}/status`, { action: 'accept' })
    bed.moneyInFlight.add(id)
    expect(await guest.send('POST', `/orders/${id}/cancel`)).toMatchObject({ data: { status: 'CLOSING' } })
    expect([await isFound(), await isBooked()]).toEqual([false, true])
  })
})
