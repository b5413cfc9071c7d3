import { acceptOrder, rejectOrder } from '@ihome/server/features/orders/answer-order'
import { cancelOrder } from '@ihome/server/features/orders/cancel-order'
import { checkOutOrder } from '@ihome/server/features/orders/check-out-order'
import { cancelForPlatform } from '@ihome/server/features/orders/desk-orders'
import { runDueOrders } from '@ihome/server/features/orders/order-jobs'
import { placeOrder } from '@ihome/server/features/orders/place-order'
import { applyGatewayFact } from '@ihome/server/features/payments/apply-gateway-fact'
import { askGateway } from '@ihome/server/features/payments/ask-gateway'
import { findAttempt } from '@ihome/server/features/payments/attempt-store'
import { openPayment } from '@ihome/server/features/payments/open-payment'
import { numberPrefix } from '@ihome/server/features/payments/out-trade-no'
import { runDuePayments } from '@ihome/server/features/payments/payment-jobs'
import { refundPart } from '@ihome/server/features/payments/refund-part'
import { commentOrder } from '@ihome/server/features/reviews/comment-order'
import { Refusal } from '@ihome/server/platform/refusal'
import { givenHouse, givenUser } from '@ihome/server/platform/testing-builders'
import { APP_ID, SELLER_ID } from '../fake-gateway.ts'
import { outTradeNoOf } from '../order-flow.ts'
import type { Bed } from '../order-of-events/bed.ts'
import { Died, type Message, type Plan, type Shop } from './world.ts'

export interface RealShop extends Shop {
  /** The database's number of each order that could be placed. */
  readonly orders: ReadonlyMap<number, number>
}

type Needs = Bed['needs']

/** False when the use case says no, or when the process ended in the middle. */
async function possible(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (error instanceof Refusal || error instanceof Died) return false
    throw error
  }
}

/** An operator for the partial refunds. */
export async function addOperator({ database }: Bed): Promise<number> {
  const { rows } = await database.query<{ id: string }>(
    `insert into operators (login, role, password_hash, created_at) values ('finance', 'finance', 'none', $1) returning id`,
    [new Date('2026-01-01T00:00:00Z')],
  )
  return Number(rows[0]?.id)
}

/** The real use cases on PostgreSQL, for the people and houses of one plan. */
export async function realShop(needs: Needs, plan: Plan, operatorId: number): Promise<RealShop> {
  const { db, transact } = needs
  const guests: number[] = []
  const houses: { readonly id: number; readonly hostId: number }[] = []
  for (let guest = 0; guest < plan.guests; guest += 1) guests.push((await givenUser(db)).id)
  for (const { priceFen, instant } of plan.houses) houses.push(await givenHouse(db, { priceFen, instant }))
  const orders = new Map<number, number>()
  const people = new Map<number, { readonly guestId: number; readonly hostId: number }>()
  const who = (order: number) => ({
    orderId: orders.get(order) ?? 0,
    ...(people.get(order) ?? { guestId: 0, hostId: 0 }),
  })
  return {
    orders,
    prefix: numberPrefix(needs.config.publicOrigin),
    async place(order, { guest, house, start, end }) {
      if (orders.has(order)) return false
      const { id = 0, hostId = 0 } = houses[house] ?? {}
      const guestId = guests[guest] ?? 0
      const wish = { guest_id: guestId, house_id: id, guest_count: 1, start_date: start, end_date: end }
      return possible(
        transact((tx) => placeOrder(tx, needs, wish)).then((placed) => {
          orders.set(order, placed.order_id)
          people.set(order, { guestId, hostId })
        }),
      )
    },
    async act(order, deed) {
      const { orderId, guestId, hostId } = who(order)
      if (deed.do === 'accept') return possible(acceptOrder(needs, { orderId, hostId }))
      if (deed.do === 'reject') return possible(rejectOrder(needs, { orderId, hostId, reason: '房屋维修' }))
      if (deed.do === 'check_out') return possible(checkOutOrder(needs, { orderId, personId: guestId }))
      if (deed.do === 'comment') return possible(commentOrder(needs, { orderId, guestId, comment: '很好' }))
      if (deed.do === 'dispute') return false // this shop pays nothing out
      if (deed.do === 'part') return possible(part(needs, { orderId, operatorId, share: deed.share }))
      const reason = '那几天要维修'
      if (deed.by === 'system')
        return possible(transact((tx) => cancelForPlatform(tx, needs, { orderId, operatorId, reason })))
      const personId = deed.by === 'guest' ? guestId : hostId
      return possible(transact((tx) => cancelOrder(tx, needs, { orderId, personId, note: reason })))
    },
    async press(order) {
      const { orderId, guestId } = who(order)
      let url: string | null = null
      await possible(
        openPayment(needs, { orderId, guestId }).then(({ pay_url }) => {
          url = pay_url
        }),
      )
      const attempt = url === null ? undefined : await findAttempt(db, outTradeNoInUrl(url))
      return (
        attempt && {
          outTradeNo: attempt.out_trade_no,
          amountFen: attempt.amount_fen,
          timeExpire: attempt.time_expire.getTime(),
        }
      )
    },
    async comeBack(outTradeNo) {
      const attempt = await findAttempt(db, outTradeNo)
      if (!attempt || attempt.state === 'SUCCEEDED' || attempt.state === 'MISMATCH') return
      await possible(askGateway(needs, attempt, 'return'))
    },
    hear: async (message) => {
      await possible(hear(needs, message))
    },
    work: () => work(needs),
  }
}

const outTradeNoInUrl = (url: string): string => new URL(url).searchParams.get('out_trade_no') ?? outTradeNoOf(url)

async function part(
  needs: Needs,
  { orderId, operatorId, share }: { orderId: number; operatorId: number; share: number },
) {
  const row = await needs.db.selectFrom('orders').select('amount_fen').where('id', '=', orderId).executeTakeFirst()
  const amountFen = Math.floor(((row?.amount_fen ?? 0) * share) / 100)
  if (amountFen === 0) throw new Refusal('step_refused')
  const wish = { orderId, operatorId, amountFen, reason: 'system_cancel', note: '少了一晚' } as const
  await needs.transact((tx) => refundPart(tx, needs, wish))
}

async function hear(needs: Needs, { noticeId, outTradeNo, says }: Message): Promise<void> {
  if (says.kind !== 'trade') throw new Error('the gateway sends word of trades only')
  const addressed = { noticeId, appId: APP_ID, sellerId: SELLER_ID }
  const raw = JSON.stringify({ kind: 'genuine', ...addressed, fact: says.fact })
  await applyGatewayFact(needs, { entrance: 'notify', outTradeNo, says, ...addressed, raw })
}

/** Everything that is due now, until nothing is. */
export async function work(needs: Needs): Promise<void> {
  while ((await runDueOrders(needs)) + (await runDuePayments(needs)) > 0);
}
