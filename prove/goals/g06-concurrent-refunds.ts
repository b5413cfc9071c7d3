import { randomUUID } from 'node:crypto'
import { addPeopleAndHouses } from '@ihome/e2e/fixture'
import { startWorld, type World } from '@ihome/e2e/world'
import { API, type Asker, newAsker } from '../asker.ts'
import { brokenInvariants, compareWithGateway } from '../books.ts'
import { addOperators } from '../cast.ts'
import { inParallel, signInAll, UNLIMITED } from '../crowd.ts'
import type { Goal, Trial } from '../goal.ts'
import { advanceUntil, freshStays, orderToPay, type ToPay, todayOf, untilTrue } from '../order-flow.ts'

const SIZES = { small: { orders: 40, houses: 10 }, full: { orders: 1_000, houses: 40 } }
const REFUNDS_PER_ORDER = 10
const SHARES = [100, 200, 300, 400, 500, 500, 400, 300, 200, 100]
const MINUTE = 60_000

/** G06: ten at once who give back three times what was paid never give back more than that, here and at the gateway. */
export const g06: Goal = {
  id: 'G06',
  title: 'Concurrent refunds',
  release: 2,
  needsShop: true,
  async prove(trial) {
    const size = SIZES[trial.size]
    const env = { ...UNLIMITED, REFUND_APPROVAL_FEN: '999999999999' }
    const world = await startWorld({ instances: 2, seed: 'none', env })
    try {
      const fixture = await addPeopleAndHouses(world, { guests: 12, houses: size.houses })
      const guests = await signInAll(world, fixture.guests)
      const hosts = await signInAll(
        world,
        fixture.houses.map(({ hostPhone }) => hostPhone),
      )
      const stays = freshStays(fixture, todayOf(world))
      const wishes = Array.from({ length: size.orders }, () => stays.next().value)
      const orders = await inParallel(wishes, 6, async (wish) => {
        const host = hosts[wish?.index ?? 0]
        if (!wish || !host) throw new RangeError('a stay without its house')
        const order = await orderToPay(trial.random.pick(guests), host, wish)
        await world.sandbox.pay({ payUrl: order.payUrl })
        return order
      })
      await world.advance(0)
      if (!(await untilTrue(() => allPaid(world), 60_000))) throw new Error('payments are not booked')
      trial.say(`${orders.length} orders paid`)
      const desk = await deskOf(world)
      const told = await inParallel(orders, 3, (order) => refundTenTimes(desk, order, trial))
      const broken = told.flatMap(({ odd }) => odd)
      trial.say(`${told.reduce((sum, { kept }) => sum + kept, 0)} refunds promised`)
      const waitedMs = await advanceUntil(world, () => allSettled(world), 3_000, 60 * MINUTE)
      if (!Number.isFinite(waitedMs)) broken.push('R12 a refund was still open after an hour')
      const doubles = await doubleRefunds(world, orders)
      broken.push(...doubles, ...(await brokenInvariants(world)), ...(await compareWithGateway(world)).broken)
      const { refunded, received } = await sums(world)
      if (refunded > received) broken.push(`R1 ${refunded} went back of ${received}`)
      return {
        counts: {
          orders: orders.length,
          asked: orders.length * REFUNDS_PER_ORDER,
          promised: told.reduce((sum, { kept }) => sum + kept, 0),
          refunded_fen: refunded,
          received_fen: received,
          double_refunds: doubles.length,
          violations: broken.length,
        },
        broken,
      }
    } finally {
      await world.stop()
    }
  },
}

/** One operator of finance, at either instance. */
async function deskOf(world: World): Promise<readonly Asker[]> {
  const { finance } = await addOperators(world)
  return world.servers.map(({ origin }) => {
    const seat = newAsker(() => origin, 'operator_csrf')
    for (const [name, value] of finance.cookies) seat.cookies.set(name, value)
    return seat
  })
}

/** Ten parts at once that are three times the money together; each is asked for twice under its key. */
async function refundTenTimes(
  desk: readonly Asker[],
  { orderId, amountFen }: ToPay,
  { random }: Trial,
): Promise<{ readonly kept: number; readonly odd: string[] }> {
  const odd: string[] = []
  const ids = new Set<number>()
  await Promise.all(
    SHARES.map(async (share) => {
      const json = {
        amount_fen: Math.max(1, Math.floor((amountFen * share) / 1_000)),
        reason: random.pick(['early_end', 'dispute', 'system_cancel']),
        note: '热水坏了',
      }
      const headers = { 'idempotency-key': randomUUID() }
      const ask = () =>
        random.pick([...desk]).ask('POST', `${API}/operator/orders/${orderId}/refunds`, { json, headers })
      for (const answer of [await ask(), await ask()]) {
        if (answer.status === 200) {
          const { data } = JSON.parse(answer.text) as { data: { refund_id: number | null } }
          if (data.refund_id === null) odd.push(`R1 a part of order ${orderId} waits for somebody`)
          else ids.add(data.refund_id)
        } else if (answer.status !== 409) odd.push(`E28 order ${orderId} was answered ${answer.status}`)
      }
    }),
  )
  return { kept: ids.size, odd }
}

/** What the gateway gave back of each trade, against what we say it did: number by number, and never above the money. */
async function doubleRefunds(world: World, orders: readonly ToPay[]): Promise<string[]> {
  const { rows } = await world.database.query<{ out_trade_no: string; numbers: string[] }>(
    `select out_trade_no, array_agg(out_request_no order by out_request_no) as numbers
       from audit.refunds where state = 'SUCCEEDED' group by out_trade_no`,
  )
  const ours = new Map(rows.map(({ out_trade_no, numbers }) => [out_trade_no, numbers.join()]))
  return orders.flatMap(({ outTradeNo, amountFen }) => {
    const { refunds, refundedFen } = world.sandbox.control.trade(outTradeNo)
    const theirs = refunds
      .map(({ outRequestNo }) => outRequestNo)
      .sort()
      .join()
    if (refundedFen > amountFen) return [`R1 the gateway gave back ${refundedFen} of ${amountFen} for ${outTradeNo}`]
    return theirs === (ours.get(outTradeNo) ?? '')
      ? []
      : [`R3 ${outTradeNo}: the gateway knows ${theirs}, we ${ours.get(outTradeNo)}`]
  })
}

const count = async (world: World, sql: string): Promise<number> => {
  const { rows } = await world.database.query<{ count: string }>(sql)
  return Number(rows[0]?.count ?? 0)
}

const allPaid = async (world: World) =>
  (await count(world, `select count(*) from audit.orders where status <> 'PAID'`)) === 0

const allSettled = async (world: World) =>
  (await count(world, 'select count(*) from audit.refunds where settled_at is null')) === 0

async function sums(world: World): Promise<{ refunded: number; received: number }> {
  const { rows } = await world.database.query<{ refunded: string; received: string }>(
    `select (select coalesce(sum(done_fen), 0) from audit.refunds) as refunded,
            (select coalesce(sum(received_fen), 0) from audit.attempts) as received`,
  )
  return { refunded: Number(rows[0]?.refunded ?? 0), received: Number(rows[0]?.received ?? 0) }
}
