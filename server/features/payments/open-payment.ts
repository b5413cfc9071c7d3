import type { PaymentView } from '@ihome/contract/schemas/payments'
import { toFen } from '@ihome/core/money'
import { nextQueryAt } from '@ihome/core/payments/decide'
import type { Tx } from '../../platform/db.ts'
import { Refusal } from '../../platform/refusal.ts'
import { lockHouse } from '../houses/lock-house.ts'
import { type LockedOrder, lockOrder } from '../orders/order-lock.ts'
import { orderInBrief } from '../orders/order-status.ts'
import { askGateway } from './ask-gateway.ts'
import { type Attempt, findLiveAttempt, insertAttempt, saveOpened } from './attempt-store.ts'
import { newOutTradeNo } from './out-trade-no.ts'
import { paySubject } from './pay-subject.ts'
import type { PaymentNeeds } from './payment-needs.ts'

export interface PaymentWish {
  readonly orderId: number
  readonly guestId: number
}

/** Alipay's shortest expiry (promises P5). */
const LEAST_TIME_MS = 60_000
/** A press this soon after the last one is the same press: nothing can have been paid yet. */
const SAME_PRESS_MS = 3_000

/**
 * Gives the address at which the guest pays: always the same one while its attempt lives. An attempt is committed
 * before anybody hears of it. A press on an older attempt first asks the gateway, so that what is paid already is not
 * paid twice (F10).
 *
 * Says no with `order_not_found` for everything but one's own order in WAIT_PAYMENT with a minute left, and with
 * `gateway_unavailable` when a new attempt is needed but the end of the earlier one cannot be known.
 */
export async function openPayment(needs: PaymentNeeds, wish: PaymentWish): Promise<PaymentView> {
  const first = await findOrMakeAttempt(needs, wish)
  if (first.state === 'NEW') return open(needs, wish, first)

  const now = needs.clock.now()
  const pressedAgain = now.getTime() - (first.opened_at ?? first.created_at).getTime() < SAME_PRESS_MS
  if (!pressedAgain) await askGateway(needs, first, 'manual')
  const status = pressedAgain ? 'WAIT_PAYMENT' : (await orderInBrief(needs.db, wish.orderId))?.status
  if (status === 'PAID') return { order_id: wish.orderId, status, pay_url: null, expires_at: null }

  // Usually the same attempt; a new one when the gateway has just said that the earlier one is closed.
  const attempt = pressedAgain ? first : await findOrMakeAttempt(needs, wish)
  if (attempt.state === 'NEW') return open(needs, wish, attempt)
  const lives = attempt.state === 'OPEN' && attempt.time_expire > now
  if (!lives || attempt.pay_url === null) throw new Refusal('gateway_unavailable', {}, { retryAfterS: 60 })
  return viewOf(wish, attempt, attempt.pay_url)
}

/** Under the order's lock, so that a thousand presses at once make one attempt (P6, ALI-5). */
function findOrMakeAttempt(needs: PaymentNeeds, wish: PaymentWish): Promise<Attempt> {
  return needs.transact(async (tx) => {
    const now = needs.clock.now()
    const order = await lockOrder(tx, wish.orderId)
    const timeExpire = order && timeToPay(order, wish, now)
    if (!order || !timeExpire) throw new Refusal('order_not_found')
    return (await findLiveAttempt(tx, order.id)) ?? makeAttempt(needs, tx, order, timeExpire, now)
  })
}

/** Until when this guest can pay this order now, in whole seconds because Alipay knows no others; else undefined. */
function timeToPay(order: LockedOrder, wish: PaymentWish, now: Date): Date | undefined {
  if (order.guest_id !== wish.guestId || order.status !== 'WAIT_PAYMENT' || !order.pay_by) return undefined
  const expires = new Date(Math.floor(order.pay_by.getTime() / 1000) * 1000)
  return expires.getTime() - now.getTime() >= LEAST_TIME_MS ? expires : undefined
}

async function makeAttempt(
  needs: PaymentNeeds,
  tx: Tx,
  order: LockedOrder,
  timeExpire: Date,
  now: Date,
): Promise<Attempt> {
  const house = await lockHouse(tx, order.house_id)
  return insertAttempt(tx, {
    order_id: order.id,
    out_trade_no: newOutTradeNo(needs.config.publicOrigin, needs.random, now),
    amount_fen: order.amount_fen,
    app_id: needs.provider.appId,
    seller_id: needs.provider.sellerId,
    subject: paySubject(house?.title ?? ''),
    time_expire: timeExpire,
    next_query_at: nextQueryAt(now, timeExpire, now) ?? null,
    created_at: now,
  })
}

/** The attempt is committed; only now is its address made, and only once it is kept is it given out (P1). */
async function open(needs: PaymentNeeds, wish: PaymentWish, attempt: Attempt): Promise<PaymentView> {
  const now = needs.clock.now()
  const payUrl = needs.provider.createPayUrl({
    outTradeNo: attempt.out_trade_no,
    amount: toFen(attempt.amount_fen),
    subject: attempt.subject,
    timeExpire: attempt.time_expire,
    quitUrl: `${needs.config.publicOrigin}/orders/${attempt.order_id}`,
  })
  const kept = await saveOpened(needs.db, attempt.id, {
    pay_url: payUrl,
    opened_at: now,
    next_query_at: nextQueryAt(now, attempt.time_expire, now) ?? null,
  })
  if (kept === undefined) throw new Refusal('order_not_found') // it ended while its address was made
  return viewOf(wish, attempt, kept)
}

const viewOf = (wish: PaymentWish, attempt: Attempt, payUrl: string): PaymentView => ({
  order_id: wish.orderId,
  status: 'WAIT_PAYMENT',
  pay_url: payUrl,
  expires_at: attempt.time_expire.toISOString(),
})
