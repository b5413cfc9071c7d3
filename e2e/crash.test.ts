import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { brokenInvariants, compareWithGateway } from '../prove/books.ts'
import { freshStays, openPayment, orderToPay, outTradeNoOf, type ToPay, todayOf } from '../prove/order-flow.ts'
import { DEMO_PASSWORD } from './demo.ts'
import { addPeopleAndHouses, type Fixture } from './fixture.ts'
import { eventually, orderStatus } from './shop-steps.ts'
import { openTollgate, type Tollgate } from './tollgate.ts'
import { newVisitor, problemOf, type Visitor } from './visitor.ts'
import { startWorld, type World } from './world.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE
const NOTIFY = '/api/v1.0/pay/alipay/notify'
const SETTLED_WITHIN_MS = 30_000

let world: World
/** Everybody reaches the shop through this one, the gateway's notifications too. */
let front: Tollgate
/** The shop reaches the gateway through this one. */
let way: Tollgate
let fixture: Fixture
let stays: ReturnType<typeof freshStays>
const people = new Map<string, Visitor>()
let turn = 0

beforeAll(async () => {
  front = await openTollgate(() => world.servers[0]?.origin ?? '')
  way = await openTollgate(() => world.sandbox.endpoint)
  world = await startWorld({
    seed: 'none',
    env: {
      PUBLIC_ORIGIN: front.origin,
      ALIPAY_GATEWAY: `${way.origin}/gateway.do`,
      OPEN_ORDERS_PER_GUEST: '1000',
      REQUESTS_PER_MINUTE_PER_ADDRESS: '100000',
    },
  })
  fixture = await addPeopleAndHouses(world, { guests: 4, houses: 4 })
  stays = freshStays(fixture, todayOf(world))
})

afterAll(async () => {
  await world?.stop()
  await front?.stop()
  await way?.stop()
})

/** kill -9 and a new start. A process that has just begun may still ask people to wait a moment; here they do. */
async function crash(): Promise<void> {
  await world.crash()
  await eventually(async () => (await fetch(`${world.origin}/api/v1.0/house/areas`)).status).toBe(200)
}

async function person(phone: string): Promise<Visitor> {
  const known = people.get(phone)
  if (known) return known
  const visitor = newVisitor(() => front.origin)
  await visitor.signIn(phone, DEMO_PASSWORD)
  people.set(phone, visitor)
  return visitor
}

function nextStay() {
  const { value } = stays.next()
  if (!value) throw new RangeError('no stay is left')
  return value
}

/** An order whose guest has the address of the cashier in hand. */
async function toPay(): Promise<ToPay> {
  const { index, ...wish } = nextStay()
  turn += 1
  const guest = await person(fixture.guests[turn % fixture.guests.length] ?? '')
  return orderToPay(guest, await person(fixture.houses[index]?.hostPhone ?? ''), wish)
}

const several = async (count: number): Promise<ToPay[]> => {
  const orders: ToPay[] = []
  while (orders.length < count) orders.push(await toPay())
  return orders
}

async function another(than: Visitor): Promise<Visitor> {
  return person(fixture.guests.find((phone) => people.get(phone) !== than) ?? '')
}

async function nightsOf({ guest, orderId, houseId }: ToPay) {
  const { order } = await guest.orders.detail(orderId)
  return { house_id: houseId, start_date: order.start_date, end_date: order.end_date }
}

const pay = ({ payUrl }: ToPay) => world.sandbox.pay({ payUrl })
const silence = ({ outTradeNo }: ToPay) => world.sandbox.faults.add({ kind: 'notify_lost', outTradeNo, times: null })
const cancel = ({ guest, orderId }: ToPay, key = randomUUID()) => guest.orders.cancel(orderId, {}, key)

async function ask<Row>(sql: string, ...values: unknown[]): Promise<Row[]> {
  return (await world.database.query(sql, values)).rows as Row[]
}
const postings = ({ orderId }: ToPay) =>
  ask(
    `select t.business_key from audit.ledger_tx t join audit.attempts a using (attempt_id)
     where a.order_id = $1 and t.event like 'pay%'`,
    String(orderId),
  )
const becomes = (order: ToPay, status: string, within = SETTLED_WITHIN_MS) =>
  eventually(() => orderStatus(world, order.orderId), within).toBe(status)

/** Moves the clock by minutes, and waits at each for what the jobs do, until the order is what it should become. */
async function passUntil(order: ToPay, status: string, move = () => world.advance(61 * SECOND)): Promise<void> {
  for (let minute = 0; minute < 10; minute += 1) {
    if ((await orderStatus(world, order.orderId)) === status) return
    await move()
    const settled = performance.now() + 1_500
    while (performance.now() < settled && (await orderStatus(world, order.orderId)) !== status) await pause(50)
  }
  expect(await orderStatus(world, order.orderId)).toBe(status)
}

/** The money of this order went back once and whole, here and at the gateway. */
async function expectAllBack(order: ToPay): Promise<void> {
  await eventually(
    () => ask('select r.state from audit.refunds r where out_trade_no = $1', order.outTradeNo),
    SETTLED_WITHIN_MS,
  ).toEqual([{ state: 'SUCCEEDED' }])
  expect(world.sandbox.control.trade(order.outTradeNo)).toMatchObject({
    refundedFen: order.amountFen,
    refunds: [{ amountFen: order.amountFen }],
  })
}

/** When the page of the cashier stops taking money. */
function expiryOf({ payUrl }: ToPay): Date {
  const content = JSON.parse(new URL(payUrl).searchParams.get('biz_content') ?? '{}') as { time_expire: string }
  return new Date(`${content.time_expire.replace(' ', 'T')}+08:00`)
}
const advanceTo = (instant: Date) => world.advance(Math.max(0, instant.getTime() - world.now().getTime()))

it('kill -9 after placing: the same key brings the same order, and there is one', async () => {
  const { index: _, houseId, ...nights } = nextStay()
  const guest = await person(fixture.guests[0] ?? '')
  const wish = { house_id: houseId, ...nights }
  const key = randomUUID()
  const struck = front.loseAnswer(['POST /api/v1.0/orders'], crash)
  await expect(guest.orders.place(wish, key)).rejects.toThrow('no answer')
  await struck
  const placed = await guest.orders.place(wish, key)
  expect(await ask('select order_id from audit.orders where house_id = $1', String(houseId))).toEqual([
    { order_id: String(placed.order_id) },
  ])
})

it('E16 a price changed between page and submit is refused with the new one, and nothing is booked', async () => {
  const { index: _, houseId, ...nights } = nextStay()
  const guest = await person(fixture.guests[0] ?? '')
  const orders = () => ask<{ n: string }>('select count(*) as n from audit.orders where house_id = $1', String(houseId))
  const before = await orders()
  await world.database.query('update houses set price_fen = price_fen + 4000 where id = $1', [houseId])
  const { priceFen } = fixture.houses.find(({ id }) => id === houseId) ?? { priceFen: 0 }
  const wish = { house_id: houseId, ...nights, expected_amount_fen: 2 * priceFen }
  await expect(guest.orders.place(wish, randomUUID())).rejects.toMatchObject({
    problem: 'price_changed',
    details: { amount: 2 * (priceFen + 4000) },
  })
  expect(await orders()).toEqual(before)
  const placed = await guest.orders.place({ ...wish, expected_amount_fen: 2 * (priceFen + 4000) }, randomUUID())
  expect(placed.amount).toBe(2 * (priceFen + 4000))
})

it('E14 kill -9 between the attempt and its address: pressing again gives the same attempt and address', async () => {
  const { index, houseId, ...nights } = nextStay()
  const guest = await person(fixture.guests[1] ?? '')
  const host = await person(fixture.houses[index]?.hostPhone ?? '')
  const { order_id: orderId } = await guest.orders.place({ house_id: houseId, ...nights }, randomUUID())
  await host.orders.answer(orderId, { action: 'accept' })
  const key = randomUUID()
  const struck = front.loseAnswer([`POST /api/v1.0/orders/${orderId}/payment`], crash)
  await expect(guest.payments.open(orderId, key)).rejects.toThrow('no answer')
  await struck
  const { pay_url: again } = await guest.payments.open(orderId, key)
  const other = await openPayment(guest, orderId)
  expect(outTradeNoOf(other)).toBe(outTradeNoOf(again ?? ''))
  expect(other).toBe(again)
  expect(await ask('select 1 from audit.attempts where order_id = $1', String(orderId))).toHaveLength(1)
})

it('E01 the notification comes before the browser: paid, and the page that comes later sees it', async () => {
  const order = await toPay()
  const { returnUrl } = await pay(order)
  await world.sandbox.waitForNotify({ outTradeNo: order.outTradeNo })
  expect(await orderStatus(world, order.orderId)).toBe('PAID')
  const result = await order.guest.payments.report(new URL(returnUrl ?? '').search.slice(1))
  expect(result).toMatchObject({ order_id: order.orderId, payment_state: 'paid' })
  expect(await postings(order)).toHaveLength(1)
})

it('E02 no notification: the browser’s return asks the gateway, and without a return the poller does', async () => {
  const [back, gone] = await several(2)
  if (!back || !gone) throw new RangeError('two orders were asked for')
  for (const order of [back, gone]) await silence(order)
  const { returnUrl } = await pay(back)
  await pay(gone)
  await crash()
  const result = await newVisitor(() => front.origin).payments.report(new URL(returnUrl ?? '').search.slice(1))
  expect(result).toMatchObject({ order_id: back.orderId, payment_state: 'paid' })
  expect(await orderStatus(world, back.orderId)).toBe('PAID')
  await passUntil(gone, 'PAID')
})

it('kill -9 after the buyer paid and before the notification: paid as soon as anybody tells', async () => {
  const order = await toPay()
  await world.sandbox.faults.add({ kind: 'notify_delayed', outTradeNo: order.outTradeNo, delayMs: 5 * SECOND })
  await pay(order)
  await crash()
  await world.advance(6 * SECOND)
  await becomes(order, 'PAID')
})

it('E19 the handler dies after its commit and before its answer: the retry changes nothing', async () => {
  const order = await toPay()
  const struck = front.loseAnswer([NOTIFY, order.outTradeNo], crash)
  await pay(order)
  await struck
  expect(await orderStatus(world, order.orderId)).toBe('PAID')
  expect(await postings(order)).toHaveLength(1)
  await world.advance(5 * MINUTE)
  await world.sandbox.waitForNotify({ outTradeNo: order.outTradeNo })
  expect(await postings(order)).toHaveLength(1)
})

it('E19 killed at any instant of many notifications: every payment is booked once', async () => {
  for (let round = 0; round < 6; round += 1) {
    const orders = await several(3)
    await Promise.all([
      ...orders.map(pay),
      // Where in the handling it dies is left to chance: that is the point.
      pause(Math.random() * 60).then(crash),
    ])
    await world.advance(5 * MINUTE)
    for (const order of orders) {
      await becomes(order, 'PAID')
      expect(await postings(order), `round ${round}`).toHaveLength(1)
    }
  }
})

it.each(['ACQ.REASON_TRADE_STATUS_INVALID', 'ACQ.TRADE_STATUS_ERROR', 'ACQ.REASON_ILLEGAL_STATUS'] as const)(
  'E05 E11 cancelled while the money is under way, close refused with %s, killed while closing: all of it back',
  async (code) => {
    await world.sandbox.control.changeSettings({ close_paid_error: code })
    const order = await toPay()
    await silence(order)
    await pay(order)
    const struck = way.loseAnswer(['alipay.trade.close', order.outTradeNo], crash)
    const key = randomUUID()
    const answer = await cancel(order, key)
    expect(answer.status).toBe('CLOSING')
    await world.advance(5 * SECOND)
    await struck
    await passUntil(order, 'CANCELED')
    expect(await cancel(order, key)).toEqual(answer)
    await expectAllBack(order)
  },
)

it('kill -9 during the refund, after the gateway paid it back: it is not paid back twice', async () => {
  const order = await toPay()
  await silence(order)
  await pay(order)
  const struck = way.loseAnswer(['alipay.trade.refund', order.outTradeNo], crash)
  await cancel(order)
  await passUntil(order, 'CANCELED')
  await struck
  const { state: before } = (
    await ask<{ state: string }>('select state from audit.refunds where out_trade_no = $1', order.outTradeNo)
  )[0] ?? { state: 'none' }
  expect(['RESERVED', 'SENT', 'UNKNOWN']).toContain(before)
  expect(world.sandbox.control.trade(order.outTradeNo).refundedFen).toBe(order.amountFen)
  await world.advance(2 * MINUTE)
  await expectAllBack(order)
})

it('E04 paid in the last seconds and unknown until after the end, with the shop dead in between: the order is good', async () => {
  const order = await toPay()
  await silence(order)
  const expiry = expiryOf(order)
  await advanceTo(new Date(expiry.getTime() - 20 * SECOND))
  await world.servers[0]?.kill()
  await pay(order)
  await advanceTo(new Date(expiry.getTime() + 30 * SECOND))
  await crash()
  await passUntil(order, 'PAID')
  expect(await ask('select close_reason from audit.orders where order_id = $1', String(order.orderId))).toEqual([
    { close_reason: null },
  ])
})

it('E42 expiry and payment at the same instant, killed there: either way the sum is right', async () => {
  const orders = await several(3)
  const expiry = expiryOf(orders[0] as ToPay)
  await advanceTo(new Date(expiry.getTime() - 15 * SECOND))
  for (const { outTradeNo } of orders) {
    await world.sandbox.faults.add({ kind: 'notify_delayed', outTradeNo, delayMs: 16 * SECOND })
  }
  for (const order of orders) await pay(order)
  await Promise.all([advanceTo(new Date(expiry.getTime() + 2 * SECOND)), pause(Math.random() * 50).then(crash)])
  await world.advance(5 * MINUTE)
  for (const order of orders) {
    await becomes(order, 'PAID')
    expect(await postings(order)).toHaveLength(1)
  }
})

it('E09 E10 E12 E13 not paid is not failed, and what cannot be read decides nothing', async () => {
  // The buyer looks at the cashier and leaves. The gateway knows no trade; that is not a failure.
  const order = await toPay()
  await world.sandbox.pay({ payUrl: order.payUrl, outcome: 'tab_closed' })
  await world.advance(10 * MINUTE)
  expect(await orderStatus(world, order.orderId)).toBe('WAIT_PAYMENT')

  // Close finds no trade and closes nothing; the nights stay held although the guest has cancelled. Nor do answers
  // that cannot be read decide anything, however many come.
  for (const kind of ['http_500', 'unknown_error', 'truncated', 'bad_signature'] as const) {
    for (const method of ['alipay.trade.query', 'alipay.trade.close']) {
      await world.sandbox.faults.add({ kind, method, outTradeNo: order.outTradeNo })
    }
  }
  await cancel(order)
  await crash()
  const nights = await nightsOf(order)
  const buyer = await another(order.guest)
  for (let look = 0; look < 4; look += 1) {
    await world.advance(5 * MINUTE)
    expect(await orderStatus(world, order.orderId)).toBe('CLOSING')
    expect(await problemOf(buyer.orders.place(nights, randomUUID()))).toBe('dates_taken')
  }
  const expiry = expiryOf(order)
  await advanceTo(new Date(expiry.getTime() - MINUTE))
  expect(await orderStatus(world, order.orderId)).toBe('CLOSING')
  await advanceTo(expiry)
  await passUntil(order, 'CANCELED')
  expect(await ask('select state from audit.refunds where out_trade_no = $1', order.outTradeNo)).toEqual([])
  await expect(pay(order)).rejects.toThrow(/EXPIRE/)
})

it('E07 money that comes when the nights are sold again goes back, killed in the refund; the new guest keeps them', async () => {
  const order = await toPay()
  await silence(order)
  const ahead = expiryOf(order).getTime() - world.now().getTime()
  // The shop's clock runs ahead of the gateway's: to us the time to pay is over, to the buyer it is not.
  const setAhead = async (ms: number) => world.servers[0]?.shiftClock(world.now().getTime() - Date.now() + ahead + ms)
  let minutes = 0
  await passUntil(order, 'CANCELED', () => {
    minutes += 1
    return setAhead(minutes * 61 * SECOND)
  })

  const buyer = await another(order.guest)
  const { order_id: resold } = await buyer.orders.place(await nightsOf(order), randomUUID())
  await order.host.orders.answer(resold, { action: 'accept' })
  await world.sandbox.pay({ payUrl: await openPayment(buyer, resold) })
  await eventually(() => orderStatus(world, resold)).toBe('PAID')

  await pay(order)
  const struck = way.loseAnswer(['alipay.trade.refund', order.outTradeNo], crash)
  await world.advance(ahead + (minutes + 1) * 61 * SECOND + 60 * MINUTE)
  await struck
  await world.advance(2 * MINUTE)
  await expectAllBack(order)
  expect(await orderStatus(world, order.orderId)).toBe('CANCELED')
  expect(await orderStatus(world, resold)).toBe('PAID')
})

it('after all of it the books equal the gateway’s, the invariants hold, and nothing is stuck', async () => {
  await world.advance(DAY + 10 * MINUTE)
  await eventually(
    () =>
      ask(`select 'order' as what, order_id as id, status from audit.orders
           where status in ('WAIT_ACCEPT', 'WAIT_PAYMENT', 'CLOSING')
           union all select 'attempt', attempt_id, state from audit.attempts where state in ('NEW', 'OPEN', 'CLOSING')
           union all select 'refund', refund_id, state from audit.refunds where settled_at is null`),
    60_000,
  ).toEqual([])
  const { broken, clearingFen, gatewayFen } = await compareWithGateway(world)
  expect(broken).toEqual([])
  expect(clearingFen).toBe(gatewayFen)
  expect(await brokenInvariants(world)).toEqual([])
})
