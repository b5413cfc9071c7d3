import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { addPeopleAndHouses } from '@ihome/e2e/fixture'
import { problemOf } from '@ihome/e2e/visitor'
import { startWorld, type World } from '@ihome/e2e/world'
import type { FaultSpec } from 'alipay-sandbox'
import { brokenInvariants, compareWithGateway } from '../books.ts'
import { inParallel, signInAll, UNLIMITED } from '../crowd.ts'
import type { Goal, Trial } from '../goal.ts'
import { advanceUntil, freshStays, orderToPay, type ToPay, todayOf } from '../order-flow.ts'

const SIZES = { small: { payments: 500, people: 20 }, full: { payments: 5_000, people: 60 } }
const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
/** While people book and pay, a second is a minute. */
const CLOCK = 60
/** PAYMENT_WINDOW_MINUTES and half a minute. */
const PAY_WINDOW_MS = 120.5 * MINUTE

/** Of all messages and of all answers, the share that each fault strikes. Doubles of one notice count as one. */
const FAULTS: readonly FaultSpec[] = [
  { kind: 'notify_lost', probability: 0.3 },
  { kind: 'notify_duplicated', probability: 0.3 },
  { kind: 'notify_reordered', probability: 0.1 },
  { kind: 'notify_delayed', probability: 0.05, delayMs: 30 * SECOND },
  { kind: 'http_500', probability: 0.01 },
  { kind: 'no_answer_after', probability: 0.002 },
  { kind: 'connection_reset', probability: 0.01 },
  { kind: 'unsigned', probability: 0.01 },
  { kind: 'bad_signature', probability: 0.01 },
  { kind: 'truncated', probability: 0.01 },
  {
    kind: 'business_error',
    method: 'alipay.trade.query',
    value: 'ACQ.TRADE_NOT_EXIST',
    probability: 0.02,
    phase: 'before',
  },
]

type Way = 'pays' | 'pays after cancelling' | 'pays too late' | 'never pays'

/** G12: messages and answers are lost, doubled, late, wrong and out of order, and in the end the books agree. */
export const g12: Goal = {
  id: 'G12',
  title: 'Gateway chaos',
  release: 2,
  needsShop: true,
  async prove(trial) {
    const { payments, people } = SIZES[trial.size]
    const world = await startWorld({ instances: 2, seed: 'none', env: UNLIMITED })
    try {
      const fixture = await addPeopleAndHouses(world, { guests: people, houses: people })
      const guests = await signInAll(world, fixture.guests)
      const hosts = await signInAll(
        world,
        fixture.houses.map(({ hostPhone }) => hostPhone),
      )
      const faults: string[] = []
      for (const [index, fault] of FAULTS.entries()) {
        const added = await world.sandbox.faults.add({ ...fault, times: null, seed: trial.seed + index })
        faults.push(added.id)
      }
      const clock = startClock(world)
      const stays = freshStays(fixture, todayOf(world))
      const plan = Array.from({ length: payments }, () => ({ wish: stays.next().value, way: wayOf(trial) }))
      const begin = ({ wish }: Planned) => {
        const host = hosts[wish?.index ?? 0]
        if (!wish || !host) throw new RangeError('a stay without its house')
        return orderToPay(trial.random.pick(guests), host, wish)
      }
      const inTime = plan.filter(({ way }) => way !== 'pays too late')
      await inParallel(inTime, 6, async (planned, index) => {
        await pay(world, trial, await begin(planned), planned.way)
        if (index % 100 === 99) trial.say(`${index + 1} of ${inTime.length} orders in time`)
      })
      await clock.stop()
      const tooLate = plan.filter(({ way }) => way === 'pays too late')
      const late = await inParallel(tooLate, 6, begin)
      // The shop's clock runs ahead of the gateway's, so that buyers can still open what is over for the shop.
      await world.advanceShop(PAY_WINDOW_MS)
      await advanceUntil(world, () => isNobodyAlive(world), MINUTE, HOUR, world.advanceShop)
      // All open their cashier before its end; the gateway then takes the money after it all the same.
      await Promise.all(late.map(({ payUrl }) => world.sandbox.pay({ payUrl, outcome: 'after_expiry' })))
      await world.advance(0)
      trial.say(`${late.length} payments after the end`)
      // Lost words about money that came after the end are found by the looks of the next 24 hours.
      const restedMs = await advanceUntil(world, () => isAtRest(world), 10 * MINUTE, 30 * HOUR)
      for (const id of faults) await world.sandbox.faults.remove(id)
      const broken = [
        ...(await brokenInvariants(world)),
        ...(await homeless(world)),
        ...(Number.isFinite(restedMs) ? [] : ['G12 something is still under way after 30 hours']),
      ]
      const waiting = await waitingAfterEvidence(world)
      if (waiting > 0) broken.push(`G12 ${waiting} orders waited more than five minutes after the evidence`)
      const book = await compareWithGateway(world)
      broken.push(...book.broken)
      return {
        counts: {
          payments,
          after_the_end: late.length,
          cancelled_first: plan.filter(({ way }) => way === 'pays after cancelling').length,
          clearing_fen: book.clearingFen,
          gateway_fen: book.gatewayFen,
          waiting,
          violations: broken.length,
        },
        broken,
      }
    } finally {
      await world.stop()
    }
  },
}

interface Planned {
  readonly wish: ReturnType<ReturnType<typeof freshStays>['next']>['value']
  readonly way: Way
}

function wayOf({ random }: Trial): Way {
  const share = random.next()
  if (share < 0.1) return 'pays after cancelling'
  if (share < 0.2) return 'pays too late'
  return share < 0.23 ? 'never pays' : 'pays'
}

async function pay(world: World, { random }: Trial, order: ToPay, way: Way): Promise<void> {
  if (way === 'never pays') return
  if (way === 'pays after cancelling') await problemOf(order.guest.orders.cancel(order.orderId, {}, randomUUID()))
  // The page of a cancelled order may have been closed in time; then the cashier takes nothing.
  const paid = await world.sandbox.pay({ payUrl: order.payUrl }).catch(() => undefined)
  if (!paid?.returnUrl || random.next() < 0.6) return
  const browser = world.visitor(random.between(0, world.servers.length - 1))
  await problemOf(browser.payments.report(new URL(paid.returnUrl).search.slice(1)))
}

/** Lets the time of shop and gateway run faster than the real one, until it is stopped. */
function startClock(world: World): { stop(): Promise<void> } {
  let running = true
  const ticking = (async () => {
    while (running) {
      const begun = performance.now()
      await pause(SECOND)
      await world.advance((performance.now() - begun) * (CLOCK - 1))
    }
  })()
  return {
    async stop() {
      running = false
      await ticking
    },
  }
}

async function isNobodyAlive({ database }: World): Promise<boolean> {
  const { rows } = await database.query(
    `select 1 from audit.orders where status in ('WAIT_ACCEPT', 'WAIT_PAYMENT', 'CLOSING') limit 1`,
  )
  return rows.length === 0
}

/** Nobody waits for money, nothing is owed, and every payment that the gateway took is known to us. */
async function isAtRest(world: World): Promise<boolean> {
  const { rows } = await world.database.query('select 1 from audit.refunds where settled_at is null limit 1')
  if (rows.length > 0 || !(await isNobodyAlive(world))) return false
  const { rows: known } = await world.database.query<{ out_trade_no: string }>(
    'select out_trade_no from audit.attempts where received_fen > 0',
  )
  const ours = new Set(known.map(({ out_trade_no }) => out_trade_no))
  return world.sandbox.control
    .trades({ limit: 1_000_000 })
    .every((trade) => !trade.paidAt || ours.has(trade.outTradeNo))
}

/** Money that is neither on an order that stands nor sent back as a whole. */
async function homeless({ database }: World): Promise<string[]> {
  const { rows } = await database.query<{ out_trade_no: string; status: string }>(
    `select a.out_trade_no, o.status from audit.attempts a join audit.orders o using (order_id)
     where a.received_fen > 0
       and not (a.disposition = 'APPLIED' and o.status in ('PAID', 'WAIT_COMMENT', 'COMPLETE'))
       and a.received_fen <> coalesce((select sum(r.done_fen) from audit.refunds r
                                       where r.attempt_id = a.attempt_id), 0)`,
  )
  return rows.map(({ out_trade_no, status }) => `G12 the money of ${out_trade_no} is nowhere, its order ${status}`)
}

/** Payments that took effect more than five minutes after the first word about them that could be believed. */
async function waitingAfterEvidence({ database }: World): Promise<number> {
  const { rows } = await database.query<{ count: string }>(
    `select count(*) from audit.attempts a
     where (select min(f.received_at) from audit.facts f
            where f.out_trade_no = a.out_trade_no and f.verified and f.kind in ('paid', 'refund') and f.effect <> 'rejected'
              and f.out_request_no is null)
           < coalesce(a.succeeded_at, 'infinity') - interval '5 minutes'`,
  )
  return Number(rows[0]?.count ?? 0)
}
