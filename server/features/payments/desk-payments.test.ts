import { describe, expect, it } from 'vitest'
import { testApp } from '../../platform/testing.ts'
import { deskOrderRoutes } from '../desk/desk-order-routes.ts'
import { operatorHeaders } from '../operators/testing-operators.ts'
import { deskPaymentRoutes } from './desk-payment-routes.ts'
import { orderPayments } from './order-payments.ts'
import { paymentBed, silenceNotices } from './testing-payments.ts'

describe('payments at the desk', async () => {
  const bed = await paymentBed()
  const shop = await testApp({
    deps: bed.deps,
    features: {
      api: [
        (app) => deskPaymentRoutes(app as never, { payments: bed.needs }),
        (app) => deskOrderRoutes(app as never, { deps: bed.deps, payments: orderPayments }),
      ],
    },
  })
  const support = await operatorHeaders(shop, { login: 'help', role: 'support' })
  const content = await operatorHeaders(shop, { login: 'words', role: 'content' })
  const ask = async (method: 'GET' | 'POST', path: string, payload?: object, headers = support) => {
    const answer = await shop.request({
      method,
      url: `/api/v1.0/operator${path}`,
      headers,
      ...(payload === undefined ? {} : { payload }),
    })
    const { problem, data } = answer.json()
    return { status: answer.statusCode, problem, data }
  }
  it('lists attempts with the last answer, and asks the gateway by hand when its notice was lost', async () => {
    const order = await bed.givenOrder()
    await silenceNotices(bed)
    const payUrl = await bed.payUrl(order)
    const [row] = (await ask('GET', `/payments?q=${order.id}`)).data.rows
    expect(row).toMatchObject({ order_id: order.id, state: 'OPEN', received_fen: 0, last_kind: null })
    const path = `/payments/${row.out_trade_no}/query`
    expect((await ask('POST', path, { reason: '客人说付了' }, content)).problem).toBe('role_refused')
    expect((await ask('POST', path, { reason: ' ' })).problem).toBe('input_invalid')
    expect((await ask('POST', '/payments/NOBODY0000000000/query', { reason: '查' })).problem).toBe('not_found')

    await bed.sandbox.pay({ payUrl, outcome: 'tab_closed' })
    await bed.sandbox.pay({ payUrl })
    const answer = await ask('POST', path, { reason: '客人说付了' })
    expect(answer.data).toMatchObject({
      asked: true,
      state: 'SUCCEEDED',
      disposition: 'APPLIED',
      last_kind: 'paid',
      last_effect: 'applied',
      next_query_at: null,
    })
    expect((await ask('POST', path, { reason: '再查一次' })).data).toMatchObject({ asked: false, state: 'SUCCEEDED' })
    const actions = await bed.deps.db.selectFrom('operator_actions').select(['kind', 'subject', 'reason']).execute()
    expect(actions).toContainEqual({
      kind: 'payment_queried',
      subject: `payment:${row.out_trade_no}`,
      reason: '客人说付了',
    })

    // The order's page tells all of it, in the order in which it happened.
    const { events } = (await ask('GET', `/orders/${order.id}`)).data
    const told = events.map(({ kind, title }: { kind: string; title: string }) => `${kind} ${title}`)
    expect(told).toEqual(
      expect.arrayContaining([
        'attempt NEW',
        'attempt OPEN',
        'fact applied',
        'attempt SUCCEEDED',
        'move PAID',
        'posting CLEARING',
        'posting GUEST_ESCROW',
      ]),
    )
    const instants = events.map(({ at }: { at: string }) => at)
    expect(instants).toEqual([...instants].sort())
  })

  it('keeps to the state, to what is past its end, and to the order that is asked for', async () => {
    const payBy = new Date(bed.deps.clock.now().getTime() + 5 * 60_000)
    const small = await bed.givenOrder({ payBy })
    const great = await bed.givenOrder({ payBy, startDate: '2026-12-20', endDate: '2026-12-27' })
    for (const order of [small, great]) await bed.payUrl(order)
    const numbers = async (query: string): Promise<number[]> =>
      (await ask('GET', `/payments?${query}`)).data.rows.map(({ order_id }: { order_id: number }) => order_id)
    expect((await numbers('state=OPEN&sort=-amount'))[0]).toBe(great.id)
    expect((await numbers('state=OPEN&sort=amount')).at(-1)).toBe(great.id)
    expect(await numbers('overdue=yes')).toEqual([])
    expect(await ask('GET', '/payments?size=1&p=2')).toMatchObject({ data: { current_page: 2, rows: [{}] } })
    for (const query of ['state=LOST', 'sort=secret', 'size=0', 'size=501', 'size=x']) {
      expect((await ask('GET', `/payments?${query}`)).problem, query).toBe('input_invalid')
    }
    bed.deps.clock.advance(16 * 60_000)
    expect((await numbers('overdue=yes')).sort()).toEqual([small.id, great.id].sort())
  })
})
