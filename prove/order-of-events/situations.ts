import { addDays, dayInShanghai } from '@ihome/core/calendar'
import type { CloseReason } from '@ihome/core/orders/lifecycle'
import { moveOrder, type OrderMove } from '@ihome/server/features/orders/move-order'
import { lockOrder } from '@ihome/server/features/orders/order-lock'
import { type GivenOrder, givenOrder } from '@ihome/server/features/orders/testing-orders'
import { applyGatewayFact } from '@ihome/server/features/payments/apply-gateway-fact'
import { newOutTradeNo } from '@ihome/server/features/payments/out-trade-no'
import type { Bed } from './bed.ts'
import { says } from './fact-sets.ts'

/** The number of an attempt of ours, and of the trade that it is at the gateway. */
export interface Page {
  readonly attemptId: number
  readonly outTradeNo: string
  readonly tradeNo: string
  /** The number of a refund of ours that went through although we do not know it. */
  readonly ownRefund?: string
}

/** Where a story begins: an order and the pages at which it can be, or could have been, paid. */
export interface Stage {
  readonly orderId: number
  readonly amountFen: number
  /** The first is the one that facts are about unless they say otherwise. */
  readonly pages: readonly [Page, ...Page[]]
}

/** When the facts arrive. */
export const FACTS_AT = new Date('2026-11-23T04:00:00Z')
const MINUTE = 60_000
const before = (minutes: number) => new Date(FACTS_AT.getTime() - minutes * MINUTE)
const after = (minutes: number) => new Date(FACTS_AT.getTime() + minutes * MINUTE)

type Situation = (bed: Bed) => Promise<Stage>

let trades = 0

/** An order in WAIT_PAYMENT; its nights are far away unless they are said to be over. */
function unpaidOrder(bed: Bed, { payBy = after(110), ended = false } = {}): Promise<GivenOrder> {
  const startDate = addDays(dayInShanghai(FACTS_AT), ended ? -1 : 20)
  return givenOrder(bed.needs.db, { status: 'WAIT_PAYMENT', at: before(40), payBy, startDate })
}

async function openPage(bed: Bed, order: GivenOrder, state: 'NEW' | 'OPEN' | 'CLOSED' = 'OPEN'): Promise<Page> {
  const { config, random, db, provider } = bed.needs
  trades += 1
  const outTradeNo = newOutTradeNo(config.publicOrigin, random, FACTS_AT)
  const tradeNo = `2026112322${String(trades).padStart(18, '0')}`
  const { id } = await db
    .insertInto('payment_attempts')
    .values({
      order_id: order.id,
      provider: provider.name,
      out_trade_no: outTradeNo,
      amount_fen: order.amountFen,
      app_id: provider.appId,
      seller_id: provider.sellerId,
      subject: '试验',
      time_expire: order.payBy ?? after(110),
      state,
      pay_url: state === 'NEW' ? null : `http://gateway.invalid/?out_trade_no=${outTradeNo}`,
      created_at: before(40),
      opened_at: state === 'NEW' ? null : before(40),
      closed_at: state === 'CLOSED' ? before(5) : null,
      next_query_at: state === 'CLOSED' ? null : after(1),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { attemptId: id, outTradeNo, tradeNo }
}

async function move(bed: Bed, { id, guestId }: GivenOrder, step: OrderMove, actor: 'guest' | 'system') {
  await bed.needs.transact(async (tx) => {
    const order = await lockOrder(tx, id)
    if (!order) throw new Error(`no order ${id}`)
    await moveOrder(tx, order, step, actor === 'guest' ? { actor, id: guestId } : { actor }, before(10))
  })
}

/** The page was paid and told of before the story begins. */
const pay = async (bed: Bed, order: GivenOrder, page: Page) => {
  await applyGatewayFact(bed.needs, says.paid('notify')({ ...page, amountFen: order.amountFen }))
}

const stage = (order: GivenOrder, ...pages: [Page, ...Page[]]): Stage => ({
  orderId: order.id,
  amountFen: order.amountFen,
  pages,
})

/** The guest looks at the cashier and has time. */
export const waiting: Situation = async (bed) => {
  const order = await unpaidOrder(bed)
  return stage(order, await openPage(bed, order))
}

/** The attempt is stored; the process died before its address was given out. */
export const unopened: Situation = async (bed) => {
  const order = await unpaidOrder(bed)
  return stage(order, await openPage(bed, order, 'NEW'))
}

/** The time to pay has passed, and nobody has looked at the order since. */
export const overdue: Situation = async (bed) => {
  const order = await unpaidOrder(bed, { payBy: before(0.5) })
  return stage(order, await openPage(bed, order))
}

/** The order is ending, its nights are held, and the page may have been paid all the same. */
export const closing =
  (closeReason: CloseReason): Situation =>
  async (bed) => {
    const order = await unpaidOrder(bed, closeReason === 'expired' ? { payBy: before(0.5) } : {})
    const page = await openPage(bed, order)
    await move(bed, order, { step: 'close', closeReason }, closeReason === 'guest' ? 'guest' : 'system')
    return stage(order, page)
  }

/** The order is over: its page was taken for closed. */
export const canceled =
  (closeReason: CloseReason, { resold = false } = {}): Situation =>
  async (bed) => {
    const order = await unpaidOrder(bed, { payBy: before(10) })
    const page = await openPage(bed, order, 'CLOSED')
    await move(bed, order, { step: 'close', closeReason }, 'system')
    await move(bed, order, { step: 'settle' }, 'system')
    if (resold) {
      const { startDate, endDate, hostId, houseId, amountFen } = order
      await givenOrder(bed.needs.db, {
        house: { id: houseId, hostId, priceFen: amountFen / 2 },
        startDate,
        endDate,
        at: before(1),
        acceptBy: after(10_000),
      })
    }
    return stage(order, page)
  }

/** Paid and known to be. */
export const paid: Situation = async (bed) => {
  const order = await unpaidOrder(bed)
  const page = await openPage(bed, order)
  await pay(bed, order, page)
  return stage(order, page)
}

/** Paid at a second page; the first one was taken for closed and is paid now. */
export const paidElsewhere: Situation = async (bed) => {
  const order = await unpaidOrder(bed)
  const first = await openPage(bed, order, 'CLOSED')
  await pay(bed, order, await openPage(bed, order))
  return stage(order, first)
}

/** Two pages, of which the first was taken for closed; nothing is known to be paid yet. */
export const twoPages =
  (closeReason?: CloseReason): Situation =>
  async (bed) => {
    const order = await unpaidOrder(bed, closeReason === 'expired' ? { payBy: before(0.5) } : {})
    const first = await openPage(bed, order, 'CLOSED')
    const second = await openPage(bed, order)
    if (closeReason) await move(bed, order, { step: 'close', closeReason }, 'system')
    return stage(order, first, second)
  }

/** The stay is over, perhaps reviewed, and then the first page turns out to be paid too. */
export const stayed =
  ({ reviewed = false } = {}): Situation =>
  async (bed) => {
    const order = await unpaidOrder(bed, { ended: true })
    const first = await openPage(bed, order, 'CLOSED')
    await pay(bed, order, await openPage(bed, order))
    await move(bed, order, { step: 'check_out' }, 'guest')
    if (reviewed) await move(bed, order, { step: 'comment', comment: '很好' }, 'guest')
    return stage(order, first)
  }

/** Late money is on its way back: our refund went out, and the process died before the answer came. */
export const sendingBack: Situation = async (bed) => {
  const begun = await canceled('expired')(bed)
  const [page] = begun.pages
  await applyGatewayFact(bed.needs, says.paid('notify')({ ...page, amountFen: begun.amountFen }))
  const { out_request_no: ownRefund } = await bed.needs.db
    .updateTable('refunds')
    .set({ state: 'SENT', sent_at: before(2), tries: 1, lease_until: before(1) })
    .where('attempt_id', '=', page.attemptId)
    .returning('out_request_no')
    .executeTakeFirstOrThrow()
  if (ownRefund === null) throw new Error('a refund of ours without its number')
  bed.gateway.refunded(page.outTradeNo, ownRefund, begun.amountFen)
  return { ...begun, pages: [{ ...page, ownRefund }] }
}
