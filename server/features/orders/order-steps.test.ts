import { STAY_OF_STATUS } from '@ihome/core/orders/lifecycle'
import { beforeAll, describe, expect, test } from 'vitest'
import { type GivenHouse, type GivenUser, givenHouse, givenUser } from '../../platform/testing-builders.ts'
import { type OrderApp, type Person, testOrderApp } from './testing-order-app.ts'
import { givenOrder, type OrderFacts } from './testing-orders.ts'

let bed: OrderApp
let guestUser: GivenUser
let house: GivenHouse
let guest: Person
let host: Person
let stranger: Person

beforeAll(async () => {
  bed = await testOrderApp()
  const hostUser = await givenUser(bed.deps.db, { name: '房东王' })
  guestUser = await givenUser(bed.deps.db)
  house = await givenHouse(bed.deps.db, { hostId: hostUser.id })
  guest = await bed.as(guestUser)
  host = await bed.as(hostUser)
  stranger = await bed.as(await givenUser(bed.deps.db))
})

let nextDay = 0
/** An order of our guest at our host's house, on nights that no other order of this file uses. */
const anOrder = (facts: OrderFacts = {}) => {
  nextDay += 3
  const startDate = new Date(Date.UTC(2026, 11, 1 + nextDay)).toISOString().slice(0, 10)
  return givenOrder(bed.deps.db, { house, guestId: guestUser.id, startDate, ...facts })
}
const row = (id: number) => bed.deps.db.selectFrom('orders').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const stay = (id: number) =>
  bed.deps.db.selectFrom('stays').selectAll().where('order_id', '=', id).executeTakeFirstOrThrow()
const keys = async (id: number) => {
  const messages = await bed.deps.db.selectFrom('outbox').select('dedupe_key').where('order_id', '=', id).execute()
  return messages.map(({ dedupe_key }) => dedupe_key).sort()
}
const history = (id: number) =>
  bed.deps.db.selectFrom('order_history').selectAll().where('order_id', '=', id).orderBy('id').execute()

describe('the host', () => {
  test('R13.2 accepts: the guest may pay for two hours, and the nights stay held for the grace after them', async () => {
    const { id } = await anOrder()
    expect(await host.send('PUT', `/orders/${id}/status`, { action: 'accept' })).toMatchObject({
      status: 200,
      data: { status: 'WAIT_PAYMENT' },
    })
    const payBy = new Date(bed.deps.clock.now().getTime() + 120 * 60_000)
    expect(await row(id)).toMatchObject({
      status: 'WAIT_PAYMENT',
      pay_by: payBy,
      version: 2,
      status_at: bed.deps.clock.now(),
    })
    expect(await stay(id)).toMatchObject({ state: 'held', hold_until: new Date(payBy.getTime() + 120_000) })
    expect(await keys(id)).toEqual([`accepted:${id}:guest`])
    expect((await history(id)).at(-1)).toMatchObject({
      from_status: 'WAIT_ACCEPT',
      to_status: 'WAIT_PAYMENT',
      actor: 'host',
      actor_id: host.id,
    })
  })

  test('R13.2 cannot answer twice, and nobody else can answer at all', async () => {
    const { id } = await anOrder()
    const answers = [
      await guest.send('PUT', `/orders/${id}/status`, { action: 'accept' }),
      await stranger.send('PUT', `/orders/${id}/status`, { action: 'accept' }),
      await host.send('PUT', '/orders/9007199254740991/status', { action: 'accept' }),
    ]
    for (const answer of answers) expect(answer).toMatchObject({ status: 409, problem: 'step_refused' })
    expect((await row(id)).status).toBe('WAIT_ACCEPT')

    await host.send('PUT', `/orders/${id}/status`, { action: 'accept' })
    for (const body of [{ action: 'accept' }, { action: 'reject', reason: '不方便' }]) {
      expect(await host.send('PUT', `/orders/${id}/status`, body)).toMatchObject({ problem: 'step_refused' })
    }
    expect(await row(id)).toMatchObject({ status: 'WAIT_PAYMENT', version: 2 })
  })

  test('R13.2 who accepts and rejects at once moves the order once', async () => {
    const { id } = await anOrder()
    const answers = await Promise.all([
      host.send('PUT', `/orders/${id}/status`, { action: 'accept' }),
      host.send('PUT', `/orders/${id}/status`, { action: 'reject', reason: '不方便' }),
      host.send('PUT', `/orders/${id}/status`, { action: 'accept' }),
    ])
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect((await row(id)).version).toBe(2)
  })

  test('R13.3 R9.4 rejects with a reason, which the guest then reads, and the nights are free again', async () => {
    const { id, startDate, endDate } = await anOrder()
    for (const reason of ['', '   ', '\n\t', '　', undefined, 5, 'x'.repeat(201), '坏\u0000字']) {
      const refused = await host.send('PUT', `/orders/${id}/status`, { action: 'reject', reason })
      expect(refused).toMatchObject({ status: 400, problem: 'input_invalid' })
    }
    expect((await row(id)).status).toBe('WAIT_ACCEPT')

    expect(await host.send('PUT', `/orders/${id}/status`, { action: 'reject', reason: '  水管坏了 ' })).toMatchObject({
      data: { status: 'REJECTED' },
    })
    const seen = await guest.send('GET', `/orders/${id}`)
    expect(seen.data).toMatchObject({ order: { status: 'REJECTED', reject_reason: '水管坏了' } })
    expect(await stay(id)).toMatchObject({ state: 'released', hold_until: null, released_at: bed.deps.clock.now() })
    expect(await keys(id)).toEqual([`rejected:${id}:guest`])
    // X2: the same nights can be booked at once.
    const other = await bed.as(await givenUser(bed.deps.db))
    const again = { house_id: house.id, start_date: startDate, end_date: endDate }
    expect(await other.send('POST', '/orders', again)).toMatchObject({ status: 201 })
  })

  test('R13.3 may write two hundred characters, however many bytes they take', async () => {
    const { id } = await anOrder()
    const reason = '😀'.repeat(200)
    expect(await host.send('PUT', `/orders/${id}/status`, { action: 'reject', reason })).toMatchObject({ status: 200 })
    const family = await anOrder()
    // One sign on the screen, seven characters in the database.
    const families = '👨‍👩‍👧‍👦'.repeat(100)
    const refused = await host.send('PUT', `/orders/${family.id}/status`, { action: 'reject', reason: families })
    expect(refused).toMatchObject({ status: 400, problem: 'input_invalid' })
  })

  test('cannot accept when the time to answer is over', async () => {
    const now = bed.deps.clock.now()
    const late = await anOrder({ acceptBy: now })
    const lastMoment = await anOrder({ acceptBy: new Date(now.getTime() + 1) })
    const started = await givenOrder(bed.deps.db, {
      house,
      startDate: '2026-11-22',
      endDate: '2026-11-24',
      acceptBy: new Date(now.getTime() + 1),
    })
    for (const { id } of [late, started]) {
      expect(await host.send('PUT', `/orders/${id}/status`, { action: 'accept' })).toMatchObject({
        problem: 'step_refused',
      })
    }
    expect(await host.send('PUT', `/orders/${lastMoment.id}/status`, { action: 'accept' })).toMatchObject({
      status: 200,
    })
  })
})

describe('cancelling', () => {
  test('X2 by the guest before the host answers frees the nights at once', async () => {
    const { id } = await anOrder()
    expect(await guest.send('POST', `/orders/${id}/cancel`)).toMatchObject({
      status: 200,
      data: { status: 'CANCELED', refund_fen: 0 },
    })
    expect(await row(id)).toMatchObject({ status: 'CANCELED', close_reason: 'guest', cancel_note: null })
    expect(await stay(id)).toMatchObject({ state: 'released', hold_until: null })
    expect(await keys(id)).toEqual([`canceled:${id}:guest`, `canceled:${id}:host`])
  })

  test('by the host needs a reason, and in WAIT_ACCEPT it is a rejection', async () => {
    const waiting = await anOrder()
    const accepted = await anOrder({ status: 'WAIT_PAYMENT' })
    for (const reason of [undefined, '', '  ']) {
      const refused = await host.send('POST', `/orders/${accepted.id}/cancel`, { reason })
      expect(refused).toMatchObject({ status: 400, problem: 'input_invalid' })
    }
    expect(await host.send('POST', `/orders/${waiting.id}/cancel`, { reason: '有事' })).toMatchObject({
      problem: 'step_refused',
    })
    expect(await host.send('POST', `/orders/${accepted.id}/cancel`, { reason: ' 有事 ' })).toMatchObject({
      data: { status: 'CANCELED' },
    })
    expect(await row(accepted.id)).toMatchObject({ close_reason: 'host', cancel_note: '有事' })
    expect((await history(accepted.id)).at(-1)).toMatchObject({ actor: 'host', reason: '有事' })
  })

  test.each(['guest', 'host'] as const)(
    'X2 by the %s while money could still come only begins, and the nights stay held',
    async (viewer) => {
      const { id, startDate, endDate } = await anOrder({ status: 'WAIT_PAYMENT' })
      bed.moneyInFlight.add(id)
      const person = viewer === 'guest' ? guest : host
      expect(await person.send('POST', `/orders/${id}/cancel`, { reason: '改期' })).toMatchObject({
        data: { status: 'CLOSING', refund_fen: 0 },
      })
      expect(await row(id)).toMatchObject({ status: 'CLOSING', close_reason: viewer, cancel_note: '改期' })
      expect(await stay(id)).toMatchObject({ state: 'held' })
      expect(await keys(id)).toEqual([])
      const again = { house_id: house.id, start_date: startDate, end_date: endDate }
      expect(await stranger.send('POST', '/orders', again)).toMatchObject({ status: 409, problem: 'dates_taken' })
      expect(await person.send('POST', `/orders/${id}/cancel`, { reason: '改期' })).toMatchObject({
        problem: 'step_refused',
      })
    },
  )

  test.each(['guest', 'host'] as const)('X2 by the %s of a paid order frees the nights at once', async (viewer) => {
    const { id, startDate, endDate, amountFen } = await anOrder({ status: 'PAID' })
    const person = viewer === 'guest' ? guest : host
    const note = viewer === 'guest' ? null : '水管坏了'
    expect(await host.send('POST', `/orders/${id}/cancel`, {})).toMatchObject({ problem: 'input_invalid' })
    expect(await person.send('POST', `/orders/${id}/cancel`, note ? { reason: note } : {})).toEqual({
      status: 200,
      problem: null,
      data: { status: 'CANCELED', refund_fen: amountFen },
    })
    expect(bed.moneyBack.filter(({ orderId }) => orderId === id)).toEqual([{ orderId: id, by: viewer }])
    expect(await row(id)).toMatchObject({ status: 'CANCELED', close_reason: viewer, cancel_note: note })
    expect(await stay(id)).toMatchObject({ state: 'released' })
    expect(await keys(id)).toEqual([`canceled:${id}:guest`, `canceled:${id}:host`])
    const again = { house_id: house.id, start_date: startDate, end_date: endDate }
    expect(await stranger.send('POST', '/orders', again)).toMatchObject({ status: 201 })
  })

  test('is refused once the stay has begun or the order is over, to strangers and for unknown orders, all with one answer', async () => {
    const own = await givenHouse(bed.deps.db, { hostId: host.id })
    const orders = await Promise.all([
      ...(['CLOSING', 'WAIT_COMMENT', 'COMPLETE', 'CANCELED', 'REJECTED'] as const).map((status) =>
        anOrder({ status }),
      ),
      anOrder({ house: own, status: 'PAID', startDate: '2026-11-22', endDate: '2026-11-24' }),
    ])
    const open = await anOrder()
    const answers = await Promise.all([
      ...orders.map(({ id }) => guest.send('POST', `/orders/${id}/cancel`, {})),
      ...orders.map(({ id }) => host.send('POST', `/orders/${id}/cancel`, { reason: '有事' })),
      stranger.send('POST', `/orders/${open.id}/cancel`, {}),
      stranger.send('POST', '/orders/9007199254740991/cancel', {}),
    ])
    for (const answer of answers) expect(answer).toEqual({ status: 409, problem: 'step_refused', data: undefined })
    for (const { id } of orders) expect((await row(id)).status_at).toEqual(new Date('2026-11-23T04:00:00Z'))
  })

  test('asked for twice with one key gives the first answer again', async () => {
    const { id } = await anOrder()
    const first = await guest.send('POST', `/orders/${id}/cancel`, {}, 'cancel-key-1')
    const second = await guest.send('POST', `/orders/${id}/cancel`, {}, 'cancel-key-1')
    expect(second).toEqual(first)
    expect((await history(id)).filter(({ to_status }) => to_status === 'CANCELED')).toHaveLength(1)
  })
})

describe('checking out and commenting', () => {
  test('F12 R9.2 of a paid stay: 退房 from the first minute of the last day, and only then a comment', async () => {
    const own = await givenHouse(bed.deps.db, { hostId: host.id })
    const paid = { house: own, status: 'PAID' } as const
    const stayed = await anOrder({ ...paid, startDate: '2026-11-20', endDate: '2026-11-23' })
    const staying = await anOrder({ ...paid, startDate: '2026-11-23', endDate: '2026-11-24' })
    for (const { id } of [stayed, staying]) {
      expect(await guest.send('PUT', `/orders/${id}/comment`, { comment: '很好' })).toMatchObject({
        problem: 'step_refused',
      })
    }
    expect(await guest.send('POST', `/orders/${staying.id}/check-out`, {})).toMatchObject({ problem: 'step_refused' })
    expect(await stranger.send('POST', `/orders/${stayed.id}/check-out`, {})).toMatchObject({ problem: 'step_refused' })
    expect(await host.send('POST', `/orders/${stayed.id}/check-out`)).toMatchObject({
      status: 200,
      data: { status: 'WAIT_COMMENT' },
    })
    expect(await row(stayed.id)).toMatchObject({ status: 'WAIT_COMMENT', checked_out_at: bed.deps.clock.now() })
    expect(await stay(stayed.id)).toMatchObject({ state: 'confirmed', hold_until: null })
    expect(await keys(stayed.id)).toEqual([`checked_out:${stayed.id}:guest`])
  })

  test('F15 R9.3 R13.4 twenty comments at once count once; guest and host read the same one', async () => {
    const own = await givenHouse(bed.deps.db, { hostId: host.id })
    const { id } = await givenOrder(bed.deps.db, {
      house: own,
      guestId: guest.id,
      status: 'WAIT_COMMENT',
      startDate: '2026-11-20',
    })
    const heard: unknown[] = []
    const deaf = bed.deps.events.subscribe((event) => heard.push(event))

    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        guest.send('PUT', `/orders/${id}/comment`, { comment: `很好 ${index}` }),
      ),
    )
    deaf()

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ problem }) => problem === 'step_refused')).toHaveLength(19)
    const { comment, counted_at } = await row(id)
    expect(comment).toMatch(/^很好 \d+$/)
    expect(counted_at).toEqual(bed.deps.clock.now())
    const counted = await bed.deps.db
      .selectFrom('houses')
      .select('order_count')
      .where('id', '=', own.id)
      .executeTakeFirst()
    expect(counted).toEqual({ order_count: 1 })
    expect(heard).toEqual([{ kind: 'house_changed', houseId: own.id }])
    expect(await keys(id)).toEqual([`completed:${id}:host`])
    for (const person of [guest, host]) {
      expect((await person.send('GET', `/orders/${id}`)).data).toMatchObject({ order: { status: 'COMPLETE', comment } })
    }
  })

  test('R9.2 is the guest alone, once, with words', async () => {
    const { id } = await anOrder({ status: 'WAIT_COMMENT' })
    for (const comment of ['', '  ', '\u3000\n', 'x'.repeat(501), null, 7, ['很好'], '坏\u0000字']) {
      const refused = await guest.send('PUT', `/orders/${id}/comment`, { comment })
      expect(refused).toMatchObject({ status: 400, problem: 'input_invalid' })
    }
    for (const person of [host, stranger]) {
      const refused = await person.send('PUT', `/orders/${id}/comment`, { comment: '很好' })
      expect(refused).toEqual({ status: 409, problem: 'step_refused', data: undefined })
    }
    const markup = '<script>alert(1)</script> 很好'
    expect(await guest.send('PUT', `/orders/${id}/comment`, { comment: markup })).toMatchObject({
      data: { status: 'COMPLETE' },
    })
    expect(await guest.send('PUT', `/orders/${id}/comment`, { comment: '改一下' })).toMatchObject({
      problem: 'step_refused',
    })
    expect((await row(id)).comment).toBe(markup)
  })
})

test('the nights of every order say what its status says', async () => {
  const rows = await bed.deps.db
    .selectFrom('orders as o')
    .innerJoin('stays as s', 's.order_id', 'o.id')
    .select(['o.status', 's.state'])
    .execute()
  expect(rows.length).toBeGreaterThan(20)
  for (const { status, state } of rows) expect(state).toBe(STAY_OF_STATUS[status as keyof typeof STAY_OF_STATUS])
})
