import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
import { type OrderApp, type Person, testOrderApp } from './testing-order-app.ts'
import { givenOrder } from './testing-orders.ts'

let bed: OrderApp
let guest: Person
let houseId: number
let orderId: number

beforeAll(async () => {
  bed = await testOrderApp()
  const { db } = bed.deps
  const user = await givenUser(db)
  guest = await bed.as(user)
  houseId = (await givenHouse(db, { minDays: 1, maxDays: 30, capacity: 4 })).id
  orderId = (await givenOrder(db, { guestId: user.id, status: 'WAIT_COMMENT', startDate: '2026-11-20' })).id
})

/** Everything that a request could have changed, as one text. */
async function everything(): Promise<string> {
  const tables = ['orders', 'stays', 'order_history', 'outbox', 'idempotency_keys', 'houses']
  const { rows } = await sql<{ rows: string }>`
    select string_agg(part, ';') as rows from (${sql.join(
      tables.map((name) => sql`select coalesce(string_agg(t::text, ','), '') as part from ${sql.table(name)} t`),
      sql` union all `,
    )}) as parts`.execute(bed.deps.db)
  return rows[0]?.rows ?? ''
}

const valid = { start_date: '2026-12-01', end_date: '2026-12-03' }
const deep: unknown = JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`)

describe('R6.1 bad input to POST /orders changes nothing and is named', () => {
  test.each<[string, unknown, string]>([
    ['no body', undefined, 'input_invalid'],
    ['an empty object', {}, 'input_invalid'],
    ['an array', [], 'input_invalid'],
    ['a text', '"x"', 'media_type_unsupported'],
    ['an unknown field', { ...valid, status: 'PAID' }, 'input_invalid'],
    ['a price from the client', { ...valid, amount: 1 }, 'input_invalid'],
    ['a prototype', JSON.parse('{"__proto__":{"x":1},"start_date":"2026-12-01"}'), 'input_invalid'],
    ['a house id as text', { ...valid, house_id: '1' }, 'input_invalid'],
    ['a house id of 0', { ...valid, house_id: 0 }, 'input_invalid'],
    ['a negative house id', { ...valid, house_id: -1 }, 'input_invalid'],
    ['a broken house id', { ...valid, house_id: 1.5 }, 'input_invalid'],
    ['a house id beyond the safe range', { ...valid, house_id: 1e300 }, 'input_invalid'],
    ['a house id of null', { ...valid, house_id: null }, 'input_invalid'],
    ['a house that does not exist', { ...valid, house_id: Number.MAX_SAFE_INTEGER }, 'house_not_found'],
    ['a number as date', { ...valid, start_date: 20261201 }, 'input_invalid'],
    ['an instant as date', { ...valid, start_date: '2026-12-01T00:00:00Z' }, 'input_invalid'],
    ['a date with slashes', { ...valid, start_date: '2026/12/01' }, 'input_invalid'],
    ['full-width digits', { ...valid, start_date: '２０２６-12-01' }, 'input_invalid'],
    ['a line break after the date', { ...valid, start_date: '2026-12-01\n' }, 'input_invalid'],
    ['the 30th of February', { ...valid, start_date: '2027-02-30', end_date: '2027-03-02' }, 'dates_invalid'],
    ['month 13', { ...valid, start_date: '2026-13-01' }, 'dates_invalid'],
    ['the year 0', { ...valid, start_date: '0000-00-00' }, 'dates_invalid'],
    ['the year 9999', { ...valid, start_date: '9999-12-30', end_date: '9999-12-31' }, 'dates_invalid'],
    ['an end in the year 9999', { ...valid, end_date: '9999-12-31' }, 'stay_too_long'],
    ['yesterday', { ...valid, start_date: '2026-11-22' }, 'dates_invalid'],
    ['an end before the start', { start_date: '2026-12-03', end_date: '2026-12-01' }, 'dates_invalid'],
    ['no night', { start_date: '2026-12-01', end_date: '2026-12-01' }, 'dates_invalid'],
    ['nobody', { ...valid, guest_count: 0 }, 'input_invalid'],
    ['half a guest', { ...valid, guest_count: 1.5 }, 'input_invalid'],
    ['a crowd', { ...valid, guest_count: 1e9 }, 'input_invalid'],
    ['five people for four beds', { ...valid, guest_count: 5 }, 'too_many_guests'],
    ['a negative price', { ...valid, expected_amount_fen: -1 }, 'input_invalid'],
    ['a price in yuan', { ...valid, expected_amount_fen: 200.5 }, 'input_invalid'],
    ['another price', { ...valid, expected_amount_fen: Number.MAX_SAFE_INTEGER }, 'price_changed'],
    ['a price as text', { ...valid, expected_amount_fen: '20000' }, 'input_invalid'],
    ['brackets without end', { ...valid, guest_count: deep }, 'input_invalid'],
  ])('%s', async (_case, body, problem) => {
    const before = await everything()
    const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
    const wish = isObject && Object.keys(body).length > 0 ? { house_id: houseId, ...body } : body
    expect(await guest.send('POST', '/orders', wish, 'bad-input-key')).toMatchObject({ problem })
    expect(await everything()).toBe(before)
  })
})

describe('bad input to the steps of an order changes nothing and is named', () => {
  test.each<['PUT' | 'POST', string, unknown, string]>([
    ['PUT', '/orders/abc/status', { action: 'accept' }, 'input_invalid'],
    ['PUT', '/orders/0/status', { action: 'accept' }, 'input_invalid'],
    ['PUT', '/orders/-1/status', { action: 'accept' }, 'input_invalid'],
    ['PUT', '/orders/1e3/status', { action: 'pay' }, 'input_invalid'],
    ['PUT', '/orders/99999999999999999999/status', { action: 'accept' }, 'input_invalid'],
    ['PUT', '/orders/:id/status', { action: 'pay' }, 'input_invalid'],
    ['PUT', '/orders/:id/status', { action: 'accept', reason: 'x' }, 'input_invalid'],
    ['PUT', '/orders/:id/status', { status: 'PAID' }, 'input_invalid'],
    ['PUT', '/orders/:id/status', { action: 'accept' }, 'step_refused'],
    ['PUT', '/orders/:id/status', undefined, 'input_invalid'],
    ['POST', '/orders/:id/cancel', { reason: 5 }, 'input_invalid'],
    ['POST', '/orders/:id/cancel', { reason: 'x'.repeat(201) }, 'input_invalid'],
    ['POST', '/orders/:id/cancel', { refund_fen: 1 }, 'input_invalid'],
    ['POST', '/orders/:id/cancel', {}, 'step_refused'],
    ['POST', '/orders/:id/check-out', { at: '2026-11-23' }, 'input_invalid'],
    ['POST', '/orders/:id/check-out', {}, 'step_refused'],
    ['PUT', '/orders/:id/comment', { comment: '好', stars: 5 }, 'input_invalid'],
    ['PUT', '/orders/9007199254740991/comment', { comment: '好' }, 'step_refused'],
  ])('%s %s %j', async (method, path, body, problem) => {
    const before = await everything()
    expect(await guest.send(method, path.replace(':id', String(orderId)), body)).toMatchObject({ problem })
    expect(await everything()).toBe(before)
  })

  test('who is not signed in or shows no token is told so', async () => {
    const before = await everything()
    const url = '/api/v1.0/orders'
    const payload = { house_id: houseId, ...valid }
    const visitor = await bed.visitor()
    const unknown = await bed.request({ method: 'POST', url, payload, headers: visitor })
    expect(unknown.json()).toMatchObject({ problem: 'sign_in_needed', errno: '4101' })
    const { headers } = await bed.signIn((await givenUser(bed.deps.db)).phone)
    const forged = await bed.request({ method: 'POST', url, payload, headers: { ...headers, 'x-csrftoken': 'forged' } })
    expect(forged.json()).toMatchObject({ problem: 'csrf_invalid', errno: '4201' })
    expect(await everything()).toBe(before)
  })
})
