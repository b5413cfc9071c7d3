import type { TradeCreatedAt } from '../settings.ts'
import type { Engine } from './engine.ts'
import { checkoutId } from './ids.ts'
import type { Account, Checkout, Instant, OrderData, PaidVia, Trade } from './model.ts'
import { signedReturnUrl } from './return-url.ts'
import type { Emit } from './store.ts'
import { createTrade, findByOutTradeNo, payTrade, sameOrder } from './trades.ts'

export const PASSWORD_TRIES = 5
const LOCK_MS = 3 * 3_600_000

export type CheckoutState = 'login' | 'confirm' | 'paid' | 'quit' | 'expired' | 'closed'

/** Why the cashier will not go on with an order. */
export interface CheckoutRefusal {
  readonly kind: 'refused'
  readonly code: 'ACQ.CONTEXT_INCONSISTENT' | 'ACQ.TRADE_HAS_SUCCESS' | 'ACQ.TRADE_HAS_CLOSE' | 'ACQ.ACCESS_FORBIDDEN'
  readonly text: string
}

const refused = (code: CheckoutRefusal['code'], text: string): CheckoutRefusal => ({ kind: 'refused', code, text })
const INCONSISTENT = refused('ACQ.CONTEXT_INCONSISTENT', '交易信息与首次提交的不一致，请返回商户重新下单。')
const OTHER_BUYER = refused('ACQ.CONTEXT_INCONSISTENT', '该交易已由另一位买家创建，请使用原账户付款。')
const HAS_SUCCESS = refused('ACQ.TRADE_HAS_SUCCESS', '该交易已支付成功，请勿重复付款。')
const HAS_CLOSE = refused('ACQ.TRADE_HAS_CLOSE', '该交易已关闭，请返回商户重新下单。')

const APP_ONLY = refused(
  'ACQ.ACCESS_FORBIDDEN',
  '官方沙箱的手机网站支付只能用沙箱版 App 付款，请选择“在 App 中支付（模拟）”。',
)

/** Why a number that already has a trade may not be opened again. */
export function openRefusal(engine: Engine, sellerId: string, order: OrderData): CheckoutRefusal | undefined {
  const trade = findByOutTradeNo(engine, sellerId, order.outTradeNo)
  if (trade?.status === 'TRADE_CLOSED') return HAS_CLOSE
  if (trade && trade.status !== 'WAIT_BUYER_PAY') return HAS_SUCCESS
  return trade && !sameOrder(trade.order, order) ? INCONSISTENT : undefined
}

/** Opens one more cashier page. Every opening is a page of its own, since two browsers must not share a log-in. */
export function openCheckout(engine: Engine, wish: Omit<Checkout, 'id' | 'openedAt'>, at: Instant): Checkout {
  const checkout: Checkout = { ...wish, id: checkoutId(engine.random), openedAt: at }
  engine.store.transact((emit) => {
    emit({ type: 'checkout_opened', at, checkout })
    ensureTrade(engine, emit, checkout, 'open', at)
  })
  return checkout
}

/** The trade this page pays, if it exists and is about the same thing. */
export function tradeOf(engine: Engine, checkout: Checkout): Trade | undefined {
  const trade = findByOutTradeNo(engine, checkout.sellerId, checkout.order.outTradeNo)
  return trade && sameOrder(trade.order, checkout.order) ? trade : undefined
}

/** Until when this page can be paid. */
export const payableUntil = (engine: Engine, checkout: Checkout): Instant =>
  tradeOf(engine, checkout)?.expiresAt ?? checkout.expiresAt

export function checkoutState(engine: Engine, checkout: Checkout, now: Instant): CheckoutState {
  if (checkout.ended) return checkout.ended
  const trade = tradeOf(engine, checkout)
  if (trade?.status === 'TRADE_CLOSED') return trade.closedBy === 'expiry' ? 'expired' : 'closed'
  if (trade && trade.status !== 'WAIT_BUYER_PAY') return 'closed'
  if (now >= payableUntil(engine, checkout)) return 'expired'
  return checkout.buyerId === undefined ? 'login' : 'confirm'
}

export function logIn(engine: Engine, checkout: Checkout, buyer: Account, at: Instant): CheckoutRefusal | undefined {
  const refusal = claimRefusal(engine, checkout, buyer.id)
  if (refusal) return refusal
  engine.store.transact((emit) => {
    emit({ type: 'checkout_logged_in', at, checkoutId: checkout.id, buyerId: buyer.id })
    ensureTrade(engine, emit, current(engine, checkout), 'login', at)
  })
  return undefined
}

export function confirmCheckout(engine: Engine, checkout: Checkout, at: Instant): void {
  engine.store.transact((emit) => ensureTrade(engine, emit, checkout, 'confirm', at))
}

export function quitCheckout(engine: Engine, checkout: Checkout, at: Instant): void {
  engine.store.commit({ type: 'checkout_ended', at, checkoutId: checkout.id, how: 'quit' })
}

export type PayOutcome =
  | { readonly kind: 'paid' }
  | { readonly kind: 'wrong_password'; readonly triesLeft: number }
  | { readonly kind: 'locked'; readonly until: Instant }
  | { readonly kind: 'balance_short'; readonly shortFen: number }
  | CheckoutRefusal

/**
 * The pay password, and with it the payment, in one turn: of fifty submissions exactly one finds the trade unpaid.
 * The caller has seen that the page is in `confirm`; only a forced late payment comes here in another state.
 */
export function payCheckout(
  engine: Engine,
  checkout: Checkout,
  buyer: Account,
  wish: { readonly password: string; readonly via: PaidVia },
  at: Instant,
): PayOutcome {
  if (buyer.lockedUntil !== undefined && at < buyer.lockedUntil) return { kind: 'locked', until: buyer.lockedUntil }
  const refusal = claimRefusal(engine, checkout, buyer.id)
  if (refusal) return refusal
  if (wish.via === 'browser' && browserBarred(engine, checkout)) return APP_ONLY
  return engine.store.transact((emit) => {
    if (wish.password !== buyer.payPassword) return wrongPassword(engine, emit, checkout, buyer, at)
    if (buyer.wrongTries > 0 || buyer.lockedUntil !== undefined) {
      emit({ type: 'pay_password_accepted', at, accountId: buyer.id })
    }
    const trade = ensureTrade(engine, emit, checkout, 'password', at)
    const shortFen = checkout.order.amountFen - (engine.state.balances.get(buyer.id) ?? 0)
    if (shortFen > 0) return { kind: 'balance_short', shortFen }
    payTrade(engine, emit, trade, buyer.id, at)
    emit({ type: 'checkout_ended', at, checkoutId: checkout.id, how: 'paid', via: wish.via })
    return { kind: 'paid' }
  })
}

/** The official sandbox pays wap orders in its own app only. */
export const browserBarred = (engine: Engine, { order }: Checkout): boolean =>
  engine.state.settings.official_sandbox_limits && order.product === 'wap'

function wrongPassword(engine: Engine, emit: Emit, checkout: Checkout, buyer: Account, at: Instant): PayOutcome {
  if (engine.state.settings.wrong_password_creates_trade) ensureTrade(engine, emit, checkout, 'password', at)
  // A lock that has run out starts a new count.
  if (buyer.lockedUntil !== undefined) emit({ type: 'pay_password_accepted', at, accountId: buyer.id })
  const triesLeft = PASSWORD_TRIES - buyer.wrongTries - 1
  const until = at + LOCK_MS
  emit({ type: 'pay_password_failed', at, accountId: buyer.id, ...(triesLeft === 0 && { lockedUntil: until }) })
  return triesLeft === 0 ? { kind: 'locked', until } : { kind: 'wrong_password', triesLeft }
}

/** A trade once begun belongs to its buyer and to what was ordered first. */
function claimRefusal(engine: Engine, checkout: Checkout, buyerId: string): CheckoutRefusal | undefined {
  const trade = findByOutTradeNo(engine, checkout.sellerId, checkout.order.outTradeNo)
  if (!trade) return undefined
  if (!sameOrder(trade.order, checkout.order)) return INCONSISTENT
  if (trade.buyerId !== undefined && trade.buyerId !== buyerId) return OTHER_BUYER
  if (trade.status === 'TRADE_CLOSED') return HAS_CLOSE
  return trade.status === 'WAIT_BUYER_PAY' ? undefined : HAS_SUCCESS
}

const MOMENTS: readonly TradeCreatedAt[] = ['open', 'login', 'confirm', 'password']

/** Makes the trade if the page has come to the moment that the setting names; the password step always has. */
function ensureTrade(engine: Engine, emit: Emit, checkout: Checkout, moment: 'password', at: Instant): Trade
function ensureTrade(
  engine: Engine,
  emit: Emit,
  checkout: Checkout,
  moment: TradeCreatedAt,
  at: Instant,
): Trade | undefined
function ensureTrade(
  engine: Engine,
  emit: Emit,
  checkout: Checkout,
  moment: TradeCreatedAt,
  at: Instant,
): Trade | undefined {
  const trade = findByOutTradeNo(engine, checkout.sellerId, checkout.order.outTradeNo)
  if (trade) {
    if (trade.buyerId === undefined && checkout.buyerId !== undefined) {
      emit({ type: 'trade_claimed', at, tradeNo: trade.tradeNo, buyerId: checkout.buyerId })
    }
    return trade
  }
  const { trade_created_at_wap, trade_created_at_page } = engine.state.settings
  const wanted = checkout.order.product === 'wap' ? trade_created_at_wap : trade_created_at_page
  return MOMENTS.indexOf(moment) >= MOMENTS.indexOf(wanted) ? createTrade(engine, emit, checkout, at) : undefined
}

function current(engine: Engine, checkout: Checkout): Checkout {
  return engine.state.checkouts.get(checkout.id) ?? checkout
}

/** Where the browser goes after paying; nothing without a return_url. */
export function returnHrefOf(engine: Engine, checkout: Checkout): string | undefined {
  const trade = tradeOf(engine, checkout)
  if (checkout.returnUrl === undefined || trade?.paidAt === undefined) return undefined
  return signedReturnUrl(engine.alipayPrivateKey, checkout, checkout.returnUrl, trade, trade.paidAt)
}
