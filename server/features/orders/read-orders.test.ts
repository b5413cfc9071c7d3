import { Kysely, type LogEvent, PostgresDialect } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../platform/db.ts'
import type { Database } from '../../platform/db-types.ts'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
import { listOrders } from './read-orders.ts'
import { type OrderApp, testOrderApp } from './testing-order-app.ts'
import { givenOrder } from './testing-orders.ts'

interface ListData {
  readonly orders: readonly { readonly order_id: number; readonly guest_name?: string }[]
  readonly total_page: number
  readonly current_page: number
  readonly next_cursor: string | null
}

let bed: OrderApp
beforeAll(async () => {
  bed = await testOrderApp()
})

const listOf = async (person: Awaited<ReturnType<OrderApp['as']>>, query = '') => {
  const answer = await person.send('GET', `/user/orders${query}`)
  expect(answer).toMatchObject({ status: 200, problem: null })
  return answer.data as ListData
}

describe('the lists', () => {
  test('R9.1 R13.1 show the newest first, to the guest the own ones, to the host those of the own houses', async () => {
    const { db } = bed.deps
    const hostUser = await givenUser(db)
    const guestUser = await givenUser(db, { name: '小林' })
    const house = await givenHouse(db, { hostId: hostUser.id, title: '胡同里的小院', priceFen: 1_115 })
    const made: number[] = []
    for (const [index, day] of ['2026-12-20', '2026-12-01', '2026-12-10'].entries()) {
      const at = new Date(Date.UTC(2026, 10, 20 + index))
      made.push((await givenOrder(db, { house, guestId: guestUser.id, startDate: day, at })).id)
    }
    await givenOrder(db)
    const newestFirst = [...made].reverse()

    const asGuest = await listOf(await bed.as(guestUser))
    expect(asGuest.orders.map(({ order_id }) => order_id)).toEqual(newestFirst)
    expect(asGuest).toMatchObject({ total_page: 1, current_page: 1, next_cursor: null })
    expect(asGuest.orders.every((order) => !('guest_name' in order))).toBe(true)

    const host = await bed.as(hostUser)
    const asHost = await listOf(host, '?role=landlord')
    expect(asHost.orders.map(({ order_id }) => order_id)).toEqual(newestFirst)
    expect(asHost.orders[0]).toMatchObject({
      title: '胡同里的小院',
      guest_name: '小林',
      amount: 2_230,
      days: 2,
      start_date: '2026-12-10',
      end_date: '2026-12-12',
      refund_state: 'none',
      refund_fen: 0,
    })
    expect((await listOf(host)).orders).toEqual([])
  })

  test('tell the host alone what an order will bring after the fees, as long as it can bring any', async () => {
    const { db } = bed.deps
    const hostUser = await givenUser(db)
    const guestUser = await givenUser(db)
    const house = await givenHouse(db, { hostId: hostUser.id, priceFen: 38_800 })
    const asked = { house, guestId: guestUser.id }
    const { id } = await givenOrder(db, { ...asked, startDate: '2026-12-01' })
    await givenOrder(db, { ...asked, status: 'PAID', startDate: '2026-12-10' })
    await givenOrder(db, { ...asked, status: 'REJECTED', startDate: '2026-12-20' })
    const host = await bed.as(hostUser)
    const guest = await bed.as(guestUser)
    const share = { fee_fen: 466, platform_fee_fen: 0, net_fen: 77_134 }
    expect((await listOf(host, '?role=landlord')).orders).toMatchObject([
      {},
      { host_share: share },
      { host_share: share },
    ])
    expect((await listOf(host, '?role=landlord')).orders[0]).not.toHaveProperty('host_share')
    expect((await host.send('GET', `/orders/${id}`)).data).toMatchObject({ order: { host_share: share } })
    for (const order of (await listOf(guest)).orders) expect(order).not.toHaveProperty('host_share')

    const { limits } = bed.deps.config
    const dearer = { ...bed.deps, config: { ...bed.deps.config, limits: { ...limits, platformFeeBasisPoints: 1_000 } } }
    const { orders } = await listOrders(dearer, { personId: hostUser.id, side: 'host', statuses: ['WAIT_ACCEPT'] })
    expect(orders[0]?.host_share).toEqual({ fee_fen: 466, platform_fee_fen: 7_760, net_fen: 69_374 })
  })

  test('hide the phone of a guest without a name until the stay is paid', async () => {
    const { db } = bed.deps
    const hostUser = await givenUser(db)
    const guestUser = await givenUser(db, { phone: '19912345678' })
    const house = await givenHouse(db, { hostId: hostUser.id })
    const asked = { house, guestId: guestUser.id }
    await givenOrder(db, { ...asked, status: 'WAIT_PAYMENT', startDate: '2026-12-01' })
    await givenOrder(db, { ...asked, status: 'PAID', startDate: '2026-12-10' })
    const { orders } = await listOf(await bed.as(hostUser), '?role=landlord')
    expect(orders.map(({ guest_name }) => guest_name)).toEqual(['19912345678', '199****5678'])
  })

  test('come in pages of twenty, and a cursor misses nothing when an order is added meanwhile', async () => {
    const { db } = bed.deps
    const guestUser = await givenUser(db)
    const house = await givenHouse(db)
    const made: number[] = []
    const day = (index: number) => new Date(Date.UTC(2026, 11, 1 + index)).toISOString().slice(0, 10)
    for (let index = 0; index < 45; index += 1) {
      const facts = { house, guestId: guestUser.id, status: 'REJECTED', startDate: day(index) } as const
      made.push((await givenOrder(db, facts)).id)
    }
    const expected = [...made].reverse()
    const guest = await bed.as(guestUser)

    const pages = await Promise.all(['?p=1', '?p=2', '?p=3'].map((query) => listOf(guest, query)))
    expect(pages.flatMap(({ orders }) => orders.map(({ order_id }) => order_id))).toEqual(expected)
    expect(pages.map(({ orders, total_page, current_page }) => [orders.length, total_page, current_page])).toEqual([
      [20, 3, 1],
      [20, 3, 2],
      [5, 3, 3],
    ])

    const seen = pages[0]?.orders.map(({ order_id }) => order_id) ?? []
    await givenOrder(db, { house, guestId: guestUser.id, startDate: day(100) })
    let cursor = pages[0]?.next_cursor ?? null
    while (cursor !== null) {
      const page = await listOf(guest, `?cursor=${cursor}`)
      seen.push(...page.orders.map(({ order_id }) => order_id))
      cursor = page.next_cursor
    }
    expect(seen).toEqual(expected)
  })

  test('are counted by their tabs for the guest, and for the host those that wait for an answer', async () => {
    const { db } = bed.deps
    const hostUser = await givenUser(db)
    const guestUser = await givenUser(db)
    const house = await givenHouse(db, { hostId: hostUser.id })
    const statuses = ['WAIT_ACCEPT', 'WAIT_ACCEPT', 'WAIT_PAYMENT', 'PAID', 'COMPLETE', 'CANCELED', 'REJECTED'] as const
    for (const [index, status] of statuses.entries()) {
      const startDate = new Date(Date.UTC(2026, 11, 1 + 3 * index)).toISOString().slice(0, 10)
      await givenOrder(db, { house, guestId: guestUser.id, status, startDate })
    }
    const countsOf = async (user: typeof guestUser) =>
      (await (await bed.as(user)).send('GET', '/user/orders/counts')).data
    expect(await countsOf(guestUser)).toEqual({ todo: 3, upcoming: 1, done: 1, closed: 2, to_answer: 0 })
    expect(await countsOf(hostUser)).toEqual({ todo: 0, upcoming: 0, done: 0, closed: 0, to_answer: 2 })
    expect(await countsOf(await givenUser(db))).toEqual({ todo: 0, upcoming: 0, done: 0, closed: 0, to_answer: 0 })
  })

  test.each(['0', '-1', 'abc', '1.5', ''])('take page %j for the first one', async (p) => {
    const order = await givenOrder(bed.deps.db)
    const { phone } = await bed.deps.db
      .selectFrom('users')
      .select('phone')
      .where('id', '=', order.guestId)
      .executeTakeFirstOrThrow()
    const guest = await bed.as({ phone })
    expect(await listOf(guest, `?p=${p}`)).toMatchObject({ orders: [{ order_id: order.id }], current_page: 1 })
  })

  test('F18 take as many statements for twenty orders as for one, and none asks for every column', async () => {
    const { db, database } = bed.deps
    const house = await givenHouse(db)
    const few = await givenUser(db)
    const many = await givenUser(db)
    await givenOrder(db, { house, guestId: few.id, status: 'REJECTED' })
    for (let index = 0; index < 25; index += 1) {
      await givenOrder(db, { house, guestId: many.id, status: 'REJECTED' })
    }
    const sent: string[] = []
    const { pool } = openDatabase({ url: database.url, poolSize: 1 })
    const log = ({ query }: LogEvent) => {
      sent.push(query.sql)
    }
    const watched = new Kysely<Database>({ dialect: new PostgresDialect({ pool }), log })
    const statements = async (personId: number) => {
      sent.length = 0
      await listOrders({ ...bed.deps, db: watched }, { personId, side: 'guest' })
      return [...sent]
    }
    const forOne = await statements(few.id)
    expect(forOne.length).toBeGreaterThan(0)
    expect(await statements(many.id)).toEqual(forOne)
    for (const text of forOne) expect(text).not.toMatch(/select \*|\.\*/i)
    await watched.destroy()
  })

  test('are empty past the end and refuse another role or a cursor that is not ours', async () => {
    const guest = await bed.as(await givenUser(bed.deps.db))
    for (const p of ['2', '99999', '99999999999999999999']) {
      expect(await listOf(guest, `?p=${p}`)).toMatchObject({ orders: [], total_page: 0, next_cursor: null })
    }
    for (const query of ['?role=operator', '?cursor=abc', '?cursor=-1', "?cursor=1'--", `?cursor=${'9'.repeat(40)}`]) {
      const refused = await guest.send('GET', `/user/orders${query}`)
      expect(refused).toMatchObject({ status: 400, problem: 'input_invalid' })
    }
    expect((await bed.request({ method: 'GET', url: '/api/v1.0/user/orders' })).json()).toMatchObject({
      errno: '4101',
      problem: 'sign_in_needed',
    })
  })
})

describe('one order', () => {
  test('F9 shows guest and host everything, and to others it does not exist', async () => {
    const { db } = bed.deps
    const hostUser = await givenUser(db)
    const guestUser = await givenUser(db)
    const house = await givenHouse(db, { hostId: hostUser.id, priceFen: 50_000 })
    const tradeNo = '2026112322001400001'
    const { id } = await givenOrder(db, {
      house,
      guestId: guestUser.id,
      status: 'PAID',
      tradeNo,
      startDate: '2026-12-01',
    })
    const guest = await bed.as(guestUser)
    const host = await bed.as(hostUser)

    const seen = await guest.send('GET', `/orders/${id}`)
    expect(seen.data).toMatchObject({
      now: bed.deps.clock.now().toISOString(),
      order: {
        viewer: 'guest',
        status: 'PAID',
        house_price: 50_000,
        price_lines: [{ price: 50_000, nights: 2 }],
        amount: 100_000,
        trade_no: tradeNo,
        history: [
          { from: null, to: 'WAIT_ACCEPT' },
          { from: 'WAIT_ACCEPT', to: 'WAIT_PAYMENT' },
          { from: 'WAIT_PAYMENT', to: 'PAID' },
        ],
        refunds: [],
        refund_if_cancelled_fen: 100_000,
        refund_steps: [
          { until: '2026-11-28T06:00:00.000Z', refund_fen: 100_000 },
          { until: '2026-11-30T06:00:00.000Z', refund_fen: 50_000 },
        ],
      },
    })
    expect((await host.send('GET', `/orders/${id}`)).data).toMatchObject({
      order: { viewer: 'host', guest_name: guestUser.phone },
    })

    const stranger = await bed.as(await givenUser(db))
    const foreign = await stranger.send('GET', `/orders/${id}`)
    expect(foreign).toEqual({ status: 404, problem: 'order_not_found', data: undefined })
    expect(await stranger.send('GET', '/orders/9007199254740991')).toEqual(foreign)
  })

  test('tells of money that goes back, and not of a refund that is no longer owed', async () => {
    const { db } = bed.deps
    const guestUser = await givenUser(db)
    const { id, amountFen } = await givenOrder(db, { guestId: guestUser.id, status: 'CANCELED' })
    const now = bed.deps.clock.now()
    const attempt = await db
      .insertInto('payment_attempts')
      .values({
        order_id: id,
        out_trade_no: `test_20261123_${id}_0123456789`,
        amount_fen: amountFen,
        app_id: '2021000000000001',
        seller_id: '2088000000000001',
        subject: '爱家租房',
        time_expire: now,
        state: 'SUCCEEDED',
        disposition: 'SURPLUS',
        trade_no: `202611232200${id}`,
        received_fen: amountFen,
        created_at: now,
        succeeded_at: now,
      })
      .returning(['id', 'out_trade_no'])
      .executeTakeFirstOrThrow()
    const refund = await db
      .insertInto('refunds')
      .values({
        attempt_id: attempt.id,
        order_id: id,
        out_trade_no: attempt.out_trade_no,
        out_request_no: `test_r_${id}_0123456789`,
        amount_fen: amountFen,
        reason: 'surplus',
        state: 'SENT',
        created_at: now,
        sent_at: now,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    const guest = await bed.as(guestUser)
    expect((await guest.send('GET', `/orders/${id}`)).data).toMatchObject({
      order: {
        refund_state: 'processing',
        refund_fen: amountFen,
        refunds: [{ amount_fen: amountFen, reason: 'surplus', state: 'processing', settled_at: null }],
      },
    })

    await db
      .updateTable('refunds')
      .set({ state: 'SUCCEEDED', done_fen: amountFen, settled_at: now })
      .where('id', '=', refund.id)
      .execute()
    expect((await listOf(guest)).orders).toMatchObject([{ refund_state: 'done', refund_fen: amountFen }])
  })
})
