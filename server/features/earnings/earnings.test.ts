import type { EarningsView } from '@ihome/contract/schemas/earnings'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { testApp } from '../../platform/testing.ts'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
import { post } from '../ledger/post.ts'
import { earningRoutes } from './earning-routes.ts'

describe('earnings', async () => {
  const { deps, signIn, request } = await testApp({ features: { api: [earningRoutes] } })
  const { db } = deps

  async function givenHost() {
    const user = await givenUser(db, { verified: true })
    const house = await givenHouse(db, { hostId: user.id, title: '=小院,"槐树"' })
    const { headers } = await signIn(user.phone)
    const read = async (path = '', cookie = '') => {
      const url = `/api/v1.0/user/earnings${path}`
      const answer = await request({ method: 'GET', url, headers: { ...headers, cookie: headers.cookie + cookie } })
      return {
        status: answer.statusCode,
        body: answer.body,
        headers: answer.headers,
        json: () => answer.json<{ data: EarningsView; problem: string }>(),
      }
    }
    return { ...user, houseId: house.id, read }
  }
  type Host = Awaited<ReturnType<typeof givenHost>>

  /** A paid order of one night, as the row alone; its money is booked by the test. */
  async function givenPaid(host: Host, amount: number): Promise<number> {
    const guest = await givenUser(db)
    const now = deps.clock.now()
    const { rows } = await sql<{ id: number }>`
      insert into orders (guest_id, host_id, house_id, start_date, end_date, days, guest_count, house_price_fen, amount_fen,
                          status, cancel_rule, accept_by, pay_by, paid_at, status_at, created_at, updated_at)
      values (${guest.id}, ${host.id}, ${host.houseId}, '2026-11-23', '2026-11-24', 1, 1, ${amount}, ${amount}, 'PAID', '{}',
              ${now}, ${now}, ${now}, ${now}, ${now}, ${now}) returning id`.execute(db)
    const orderId = rows[0]?.id ?? 0
    await post2(orderId, 'pay_applied', [
      { account: 'CLEARING', amountFen: amount },
      { account: 'GUEST_ESCROW', amountFen: -amount, ownerId: String(orderId) },
    ])
    return orderId
  }
  const post2 = (
    orderId: number,
    event: 'pay_applied' | 'accrue' | 'clawback' | 'external_refund',
    entries: Parameters<typeof post>[1]['entries'],
    at = deps.clock.now(),
  ) => deps.transact((tx) => post(tx, { businessKey: `${event}:${orderId}`, event, causes: { orderId }, entries, at }))
  const accrue = (host: Host, orderId: number, [net, fee, platform]: [number, number, number], at: string) =>
    post2(
      orderId,
      'accrue',
      [
        { account: 'GUEST_ESCROW', amountFen: net + fee + platform, ownerId: String(orderId) },
        { account: 'HOST_PAYABLE', amountFen: -net, ownerId: String(host.id) },
        { account: 'GATEWAY_FEE', amountFen: -fee },
        ...(platform > 0 ? [{ account: 'PLATFORM_FEE' as const, amountFen: -platform }] : []),
      ],
      new Date(at),
    )

  test('F13 a row shows the order’s amount, the fee and the net, expected before and as booked after', async () => {
    const host = await givenHost()
    const orderId = await givenPaid(host, 411_200)
    const pending = (await host.read()).json().data
    expect(pending).toMatchObject({ due_fen: 0, pending_fen: 408_733 })
    expect(pending.items).toMatchObject([
      {
        order_id: orderId,
        amount: 411_200,
        fee_fen: 2_467,
        platform_fee_fen: 0,
        net_fen: 408_733,
        state: 'pending',
        fee_confirmed: false,
      },
    ])
    await accrue(host, orderId, [400_000, 2_467, 8_733], '2026-11-23T04:00:00Z')
    const due = (await host.read()).json().data
    expect(due).toMatchObject({ due_fen: 400_000, pending_fen: 0 })
    expect(due.items).toMatchObject([
      {
        amount: 411_200,
        fee_fen: 2_467,
        platform_fee_fen: 8_733,
        net_fen: 400_000,
        state: 'due',
        earned_at: '2026-11-23T04:00:00.000Z',
      },
    ])
  })

  test('T5 what was taken back of an order is earned no more, in the rows, the months, the file and the sum', async () => {
    const host = await givenHost()
    const [part, whole] = [await givenPaid(host, 100_000), await givenPaid(host, 20_000)]
    await accrue(host, part, [99_400, 600, 0], '2026-11-22T16:00:00Z')
    await accrue(host, whole, [19_880, 120, 0], '2026-11-22T16:00:00Z')
    const takeBack = (
      orderId: number,
      event: 'clawback' | 'external_refund',
      [net, debt, fee]: [number, number, number],
    ) =>
      post2(orderId, event, [
        { account: 'HOST_PAYABLE', amountFen: net, ownerId: String(host.id) },
        ...(debt > 0 ? [{ account: 'HOST_RECEIVABLE' as const, amountFen: debt, ownerId: String(host.id) }] : []),
        { account: 'GATEWAY_FEE', amountFen: fee },
        { account: 'REFUND_PAYABLE', amountFen: -net - debt - fee, ownerId: String(orderId) },
      ])
    await takeBack(part, 'clawback', [29_820, 19_880, 300])
    await takeBack(whole, 'external_refund', [19_880, 0, 120])
    const { due_fen, months, items } = (await host.read()).json().data
    expect(items).toMatchObject([
      { order_id: part, amount: 50_000, fee_fen: 300, net_fen: 49_700, earned_at: '2026-11-22T16:00:00.000Z' },
    ])
    expect(months.at(-1)).toMatchObject({ orders: 1, amount: 50_000, fee_fen: 300, net_fen: 49_700 })
    expect(due_fen).toBe(49_700)
    expect((await host.read('.csv')).body.split('\r\n')[1]).toContain(',500.00,3.00,0.00,497.00,')
  })

  test('months are Shanghai’s, twelve with this one last, and sum what their rows say', async () => {
    const host = await givenHost()
    const made = [
      ['2026-11-30T15:59:59Z', '2026-11'],
      ['2026-10-31T16:00:00Z', '2026-11'],
      ['2026-10-31T15:59:59Z', '2026-10'],
      ['2025-12-31T16:00:00Z', '2026-01'],
      ['2025-11-30T15:00:00Z', undefined],
    ] as const
    for (const [at] of made) await accrue(host, await givenPaid(host, 1_000), [994, 6, 0], at)
    const { months } = (await host.read()).json().data
    expect(months.map(({ month }) => month)).toEqual([
      '2025-12',
      '2026-01',
      '2026-02',
      '2026-03',
      '2026-04',
      '2026-05',
      '2026-06',
      '2026-07',
      '2026-08',
      '2026-09',
      '2026-10',
      '2026-11',
    ])
    expect(months.filter(({ orders }) => orders > 0)).toEqual([
      { month: '2026-01', orders: 1, amount: 1_000, fee_fen: 6, platform_fee_fen: 0, net_fen: 994 },
      { month: '2026-10', orders: 1, amount: 1_000, fee_fen: 6, platform_fee_fen: 0, net_fen: 994 },
      { month: '2026-11', orders: 2, amount: 2_000, fee_fen: 12, platform_fee_fen: 0, net_fen: 1_988 },
    ])
  })

  test('the list goes on page after page without doubles or gaps, and shows nobody else’s money', async () => {
    const [host, other] = [await givenHost(), await givenHost()]
    const ids: number[] = []
    for (let n = 0; n < 23; n += 1) ids.unshift(await givenPaid(host, 1_000 + n))
    await givenPaid(other, 5)
    const first = (await host.read()).json().data
    const second = (await host.read(`?cursor=${first.next_cursor}`)).json().data
    expect([...first.items, ...second.items].map(({ order_id }) => order_id)).toEqual(ids)
    expect(second.next_cursor).toBeNull()
    expect((await host.read('?cursor=x')).status).toBe(400)
  })

  test('R11.1 somebody who is not verified is refused', async () => {
    const user = await givenUser(db)
    const { headers } = await signIn(user.phone)
    for (const path of ['/user/earnings', '/user/earnings.csv']) {
      const answer = await request({ method: 'GET', url: `/api/v1.0${path}`, headers })
      expect([answer.statusCode, answer.json().problem]).toEqual([403, 'not_verified'])
    }
    expect((await request({ method: 'GET', url: '/api/v1.0/user/earnings' })).statusCode).toBe(401)
  })

  test('the file is a table that no spreadsheet takes for a program', async () => {
    const host = await givenHost()
    await givenPaid(host, 411_200)
    const { body, headers } = await host.read('.csv')
    expect(headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(headers['content-disposition']).toContain('attachment')
    const [head, row] = body.split('\r\n')
    expect(head).toMatch(/^\uFEFF订单编号,房源/)
    expect(row).toContain(`"'=小院,""槐树""",2026-11-23,2026-11-24,4112.00,24.67,0.00,4087.33,预计,待结算`)
    const english = (await host.read('.csv', '; lang=en')).body.split('\r\n')
    expect(english[0]).toMatch(/^\uFEFFOrder,Home,/)
    expect(english[1]).toContain('4087.33,expected,pending')
  })
})
