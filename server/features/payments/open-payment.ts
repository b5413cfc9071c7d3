import type { PaymentView, PayWay } from '@ihome/contract/schemas/payments'
import { toFen } from '@ihome/core/money'
import { nextQueryAt } from '@ihome/core/payments/decide'
import type { Tx } from '../../platform/db.ts'
import { Refusal } from '../../platform/refusal.ts'
import { lockHouse } from '../houses/lock-house.ts'
import { type LockedOrder, lockOrder } from '../orders/order-lock.ts'
import { orderInBrief } from '../orders/order-status.ts'
import { closeAtGateway } from './ask-due-attempts.ts'
import { applyAnswer, askGateway } from './ask-gateway.ts'
import { type Attempt, findLiveAttempt, insertAttempt, retireUngiven, saveOpened, savePage } from './attempt-store.ts'
import { openCase } from './case-store.ts'
import { newOutTradeNo } from './out-trade-no.ts'
import { paySubject } from './pay-subject.ts'
import { type PaymentNeeds, providerOf, providersOf } from './payment-needs.ts'
import type { PaymentProvider, PayPage } from './provider.ts'

export interface PaymentWish {
  readonly orderId: number
  readonly guestId: number
  /** By whom the guest wants to pay; the first way of the shop when nothing is said. */
  readonly way?: PayWay
  /** The guest's address, which some providers want to know. */
  readonly payerIp?: string
}

/** Alipay's shortest expiry (promises P5). */
const LEAST_TIME_MS = 60_000
/** A press this soon after the last one is the same press: nothing can have been paid yet. */
const SAME_PRESS_MS = 3_000

/**
 * Gives the address at which the guest pays: always of the same attempt while that lives. An attempt is committed
 * before anybody hears of it. A press on an older attempt first asks the gateway, so that what is paid already is not
 * paid twice (F10). Another way to pay means another attempt, which is made once the earlier one is surely closed.
 *
 * Says no with `order_not_found` for everything but one's own order in WAIT_PAYMENT with a minute left, with
 * `pay_way_taken` when the way that was begun cannot be closed, and with `gateway_unavailable` when a new attempt is
 * needed but the end of the earlier one cannot be known, or when the provider gives no address now.
 */
export async function openPayment(needs: PaymentNeeds, wish: PaymentWish): Promise<PaymentView> {
  const provider = wayOf(needs, wish)
  const first = await findOrMakeAttempt(needs, wish, provider)
  if (first.state === 'NEW' && first.provider === provider.name) return open(needs, wish, first, provider)

  const now = needs.clock.now()
  const otherWay = first.provider !== provider.name
  const pressedAgain = !otherWay && now.getTime() - (first.opened_at ?? first.created_at).getTime() < SAME_PRESS_MS
  if (!pressedAgain) await askGateway(needs, first, 'manual')
  const status = pressedAgain ? 'WAIT_PAYMENT' : (await orderInBrief(needs.db, wish.orderId))?.status
  if (status === 'PAID') return { order_id: wish.orderId, status, pay_url: null, expires_at: null }
  if (!pressedAgain) await leaveEarlierWay(needs, first, otherWay)

  // Usually the same attempt; a new one when the gateway has just said that the earlier one is closed.
  const attempt = pressedAgain ? first : await findOrMakeAttempt(needs, wish, provider)
  if (attempt.provider !== provider.name) throw unavailable()
  if (attempt.state === 'NEW') return open(needs, wish, attempt, provider)
  const lives = attempt.state === 'OPEN' && attempt.time_expire > now
  if (!lives || attempt.pay_url === null) throw unavailable()
  return viewOf(wish, attempt, await freshUrl(needs, wish, attempt, attempt.pay_url, provider))
}

const unavailable = () => new Refusal('gateway_unavailable', {}, { retryAfterS: 60 })

function wayOf(needs: PaymentNeeds, { way }: PaymentWish): PaymentProvider {
  const found = way === undefined ? needs.provider : providersOf(needs).find(({ name }) => name === way)
  if (!found) throw unavailable() // the way was switched off while its page was open
  return found
}

/**
 * Closes what stands in the way of another attempt: a trade of the other provider, or one that has begun to close and
 * whose answer was lost. A page that is no trade yet cannot be closed by anybody and may be paid until its end.
 */
async function leaveEarlierWay(needs: PaymentNeeds, attempt: Attempt, otherWay: boolean): Promise<void> {
  if (!otherWay && attempt.state !== 'CLOSING') return
  if (await retireUngiven(needs.db, attempt.id, needs.clock.now())) {
    await applyAnswer(needs, attempt, 'manual', 'its address was never given out', { kind: 'closed' })
    return
  }
  if (providerOf(needs, attempt).opensTrade) {
    await closeAtGateway(needs, attempt)
    return
  }
  const live = await findLiveAttempt(needs.db, attempt.order_id)
  if (otherWay && live?.id === attempt.id) throw new Refusal('pay_way_taken', { way: attempt.provider })
}

/** Under the order's lock, so that a thousand presses at once make one attempt (P6, ALI-5). */
function findOrMakeAttempt(needs: PaymentNeeds, wish: PaymentWish, provider: PaymentProvider): Promise<Attempt> {
  return needs.transact(async (tx) => {
    const now = needs.clock.now()
    const order = await lockOrder(tx, wish.orderId)
    const timeExpire = order && timeToPay(order, wish, now)
    if (!order || !timeExpire) throw new Refusal('order_not_found')
    return (await findLiveAttempt(tx, order.id)) ?? makeAttempt(needs, tx, order, { timeExpire, now, provider })
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
  { timeExpire, now, provider }: { timeExpire: Date; now: Date; provider: PaymentProvider },
): Promise<Attempt> {
  const house = await lockHouse(tx, order.house_id)
  return insertAttempt(tx, {
    order_id: order.id,
    provider: provider.name,
    out_trade_no: newOutTradeNo(needs.config.publicOrigin, needs.random, now),
    amount_fen: order.amount_fen,
    app_id: provider.appId,
    seller_id: provider.sellerId,
    subject: paySubject(house?.title ?? ''),
    time_expire: timeExpire,
    next_query_at: nextQueryAt(now, timeExpire, now) ?? null,
    created_at: now,
  })
}

/** The attempt is committed; only now is its address made, and only once it is kept is it given out (P1). */
async function open(
  needs: PaymentNeeds,
  wish: PaymentWish,
  attempt: Attempt,
  provider: PaymentProvider,
): Promise<PaymentView> {
  const page = await askForPage(needs, wish, attempt, provider)
  const now = needs.clock.now()
  const kept = await saveOpened(needs.db, attempt.id, {
    pay_url: page.url,
    pay_url_fresh_until: page.freshUntil ?? null,
    opened_at: now,
    next_query_at: nextQueryAt(now, attempt.time_expire, now) ?? null,
  })
  if (kept === undefined) throw new Refusal('order_not_found') // it ended while its address was made
  return viewOf(wish, attempt, kept)
}

/** The address that was given out before, or a newer one of the same trade where the earlier has gone stale. */
async function freshUrl(
  needs: PaymentNeeds,
  wish: PaymentWish,
  attempt: Attempt,
  payUrl: string,
  provider: PaymentProvider,
): Promise<string> {
  const { pay_url_fresh_until: until } = attempt
  if (until === null || until > needs.clock.now()) return payUrl
  const page = await askForPage(needs, wish, attempt, provider)
  const kept = await savePage(needs.db, attempt.id, {
    pay_url: page.url,
    pay_url_fresh_until: page.freshUntil ?? null,
  })
  if (kept === undefined) throw unavailable()
  return kept
}

async function askForPage(
  needs: PaymentNeeds,
  { payerIp }: PaymentWish,
  attempt: Attempt,
  provider: PaymentProvider,
): Promise<PayPage> {
  const answer = await provider.openPage({
    outTradeNo: attempt.out_trade_no,
    amount: toFen(attempt.amount_fen),
    subject: attempt.subject,
    timeExpire: attempt.time_expire,
    quitUrl: `${needs.config.publicOrigin}/orders/${attempt.order_id}`,
    ...(payerIp === undefined ? {} : { payerIp }),
  })
  if (answer.kind === 'fact') return answer.fact
  needs.log.warn(
    { out_trade_no: attempt.out_trade_no, provider: provider.name, ...answer, raw: undefined },
    'no_pay_page',
  )
  if (answer.kind === 'misconfigured') {
    await openCase(needs.db, { kind: 'misconfigured', subject: answer.code }, needs.clock.now())
  }
  throw unavailable()
}

const viewOf = (wish: PaymentWish, attempt: Attempt, payUrl: string): PaymentView => ({
  order_id: wish.orderId,
  status: 'WAIT_PAYMENT',
  pay_url: payUrl,
  expires_at: attempt.time_expire.toISOString(),
})
