import { randomUUID } from 'node:crypto'
import { addPeopleAndHouses } from '@ihome/e2e/fixture'
import { problemOf } from '@ihome/e2e/visitor'
import { startWorld, type World } from '@ihome/e2e/world'
import type { TradeView } from 'alipay-sandbox'
import { brokenInvariants, compareWithGateway } from '../books.ts'
import { inParallel, signInAll, UNLIMITED } from '../crowd.ts'
import type { Goal, Trial } from '../goal.ts'
import { freshStays, orderToPay, type ToPay, todayOf } from '../order-flow.ts'

const SIZES = { small: { payments: 120, guests: 12, houses: 12 }, full: { payments: 2_000, guests: 40, houses: 40 } }

const NOTICE_DELAY_MS = 10 * 60_000

/** G02: however often, in whatever order and at whichever instance a payment is told, it has one effect. */
export const g02: Goal = {
  id: 'G02',
  title: 'One payment, one effect',
  release: 1,
  needsShop: true,
  async prove(trial) {
    const size = SIZES[trial.size]
    const world = await startWorld({ instances: 2, seed: 'none', env: UNLIMITED })
    try {
      const fixture = await addPeopleAndHouses(world, size)
      const guests = await signInAll(world, fixture.guests)
      const hosts = await signInAll(
        world,
        fixture.houses.map(({ hostPhone }) => hostPhone),
      )
      const late = await world.sandbox.faults.add({ kind: 'notify_delayed', delayMs: NOTICE_DELAY_MS, times: null })
      const stays = freshStays(fixture, todayOf(world))
      const wishes = Array.from({ length: size.payments }, () => stays.next().value)
      const odd: string[] = []
      const told = await inParallel(wishes, 6, async (wish) => {
        const host = hosts[wish?.index ?? 0]
        if (!wish || !host) throw new RangeError('a stay without its house')
        const order = await orderToPay(trial.random.pick(guests), host, wish)
        return payAndTell(world, trial, order, odd)
      })
      const deliveries = told.reduce((sum, count) => sum + count, 0)
      await world.sandbox.faults.remove(late.id)
      await world.advance(NOTICE_DELAY_MS)
      const { pendingNotifies } = world.sandbox.control.state().counts
      if (pendingNotifies > 0) odd.push(`P4 ${pendingNotifies} late notices were not acknowledged`)
      const broken = [...odd, ...(await effects(world)), ...(await brokenInvariants(world))]
      const { broken: unequal } = await compareWithGateway(world)
      return {
        counts: { payments: size.payments, deliveries, violations: broken.length + unequal.length },
        broken: [...broken, ...unequal],
      }
    } finally {
      await world.stop()
    }
  },
}

/**
 * Pays, then tells it 1 to 20 times at once: two notices of one payment at either instance, the browser's return, and
 * further presses of 去支付, which both make the shop ask. The gateway's own notice comes when all is over.
 */
async function payAndTell(world: World, { random }: Trial, order: ToPay, odd: string[]): Promise<number> {
  const { returnUrl, trade } = await world.sandbox.pay({ payUrl: order.payUrl })
  if (returnUrl === undefined || !trade) throw new Error('the gateway took no money')
  const notices = await Promise.all([signedNotice(world, trade), signedNotice(world, trade)])
  const tellings = Array.from({ length: random.between(1, 20) }, () => random.next())
  await Promise.all(
    tellings.map(async (which) => {
      const server = random.pick(world.servers)
      if (which < 0.6) {
        const answer = await fetch(`${server.origin}/api/v1.0/pay/alipay/notify`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: random.pick(notices),
        })
        if ((await answer.text()) !== 'success') odd.push(`P4 a notice of ${order.outTradeNo} was not acknowledged`)
      } else if (which < 0.85) {
        const browser = world.visitor(world.servers.indexOf(server))
        const told = await browser.payments.report(new URL(returnUrl).search.slice(1)).then(
          ({ payment_state }) => payment_state,
          (error: unknown) => String(error),
        )
        // Somebody else may be asking at this moment; then it is not known yet.
        if (told !== 'paid' && told !== 'pending') odd.push(`P4 a return of ${order.outTradeNo} said ${told}`)
      } else {
        const problem = await problemOf(order.guest.payments.open(order.orderId, randomUUID()))
        if (problem !== 'order_not_found' && problem !== 'none')
          odd.push(`P4 去支付 again was answered with ${problem}`)
      }
    }),
  )
  return tellings.length + 1
}

/** A notice as the gateway words it, with an id of its own. */
function signedNotice(world: World, { tradeNo, outTradeNo, amountFen, appId, sellerId }: TradeView): Promise<string> {
  const amount = `${Math.floor(amountFen / 100)}.${String(amountFen % 100).padStart(2, '0')}`
  return world.sandbox.signNotify({
    notify_id: randomUUID().replaceAll('-', ''),
    notify_type: 'trade_status_sync',
    notify_time: '2026-11-23 12:00:02',
    trade_status: 'TRADE_SUCCESS',
    trade_no: tradeNo,
    out_trade_no: outTradeNo,
    total_amount: amount,
    receipt_amount: amount,
    app_id: appId,
    seller_id: sellerId,
    charset: 'utf-8',
    version: '1.0',
    sign_type: 'RSA2',
  })
}

async function effects(world: World): Promise<string[]> {
  const { rows } = await world.database.query<{
    attempt_id: string
    postings: string
    moves: string
    messages: string
  }>(
    `select a.attempt_id,
            (select count(*) from audit.ledger_tx t where t.attempt_id = a.attempt_id and t.event like 'pay%') as postings,
            (select count(*) from order_history h where h.order_id::text = a.order_id and h.to_status = 'PAID') as moves,
            (select count(*) from audit.outbox m where m.dedupe_key in
               ('paid:' || a.order_id || ':guest', 'paid:' || a.order_id || ':host')) as messages
     from audit.attempts a`,
  )
  return rows
    .filter(({ postings, moves, messages }) => postings !== '1' || moves !== '1' || messages !== '2')
    .map(
      (row) => `P3 attempt ${row.attempt_id}: ${row.postings} postings, ${row.moves} moves, ${row.messages} messages`,
    )
}
