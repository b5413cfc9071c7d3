import { addPeopleAndHouses } from '@ihome/e2e/fixture'
import { problemOf } from '@ihome/e2e/visitor'
import { startWorld, type World } from '@ihome/e2e/world'
import { brokenInvariants, compareWithGateway } from '../books.ts'
import { inParallel, signInAll, UNLIMITED } from '../crowd.ts'
import type { Goal, Trial } from '../goal.ts'
import { freshStays, orderToPay, type ToPay, todayOf } from '../order-flow.ts'

const SIZES = { small: { payments: 120, guests: 12, houses: 12 }, full: { payments: 2_000, guests: 40, houses: 40 } }

/** G02: however often, in whatever order and at whichever instance a payment is told, it has one effect. */
export const g02: Goal = {
  id: 'G02',
  title: 'One payment, one effect',
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

/** Pays, then tells it 1 to 20 times: the notice at both instances, the browser's return, and further presses of 去支付. */
async function payAndTell(world: World, { random }: Trial, order: ToPay, odd: string[]): Promise<number> {
  const { returnUrl } = await world.sandbox.pay({ payUrl: order.payUrl })
  const { body } = await world.sandbox.waitForNotify({ outTradeNo: order.outTradeNo })
  if (body === undefined || returnUrl === undefined) throw new Error('the gateway kept no bytes of its notice')
  const tellings = Array.from({ length: random.between(1, 20) }, () => random.next())
  await Promise.all(
    tellings.map(async (which) => {
      const server = random.pick(world.servers)
      if (which < 0.6) {
        const answer = await fetch(`${server.origin}/api/v1.0/pay/alipay/notify`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body,
        })
        if ((await answer.text()) !== 'success')
          odd.push(`P4 a repeated notice of ${order.outTradeNo} was not acknowledged`)
      } else if (which < 0.85) {
        const result = await world.visitor().payments.report(new URL(returnUrl).search.slice(1))
        if (result.payment_state !== 'paid') odd.push(`P4 a return of ${order.outTradeNo} said ${result.payment_state}`)
      } else {
        const problem = await problemOf(order.guest.payments.open(order.orderId, crypto.randomUUID()))
        if (problem !== 'order_not_found' && problem !== 'none')
          odd.push(`P4 去支付 again was answered with ${problem}`)
      }
    }),
  )
  return tellings.length + 1
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
