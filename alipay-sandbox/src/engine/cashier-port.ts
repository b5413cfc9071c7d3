import type { CashierOutcome, CashierPort, CheckoutView, PaidVia } from '../cashier/port.ts'
import {
  browserBarred,
  checkoutState,
  confirmCheckout,
  logIn,
  PASSWORD_TRIES,
  payableUntil,
  payCheckout,
  quitCheckout,
  returnHrefOf,
  tradeOf,
} from './checkouts.ts'
import type { Engine } from './engine.ts'
import { maskLogonId } from './masking.ts'
import type { Account, Checkout, Instant, Trade } from './model.ts'

const MOST_TOP_UP_FEN = 10_000_000_000

/** The engine as the cashier pages see it. */
export function cashierPort(engine: Engine): CashierPort {
  /** Runs one step on the checkout as it stands now, and answers only when the outcome is on disk. */
  async function step(
    id: string,
    work: (checkout: Checkout, state: CheckoutView['state'], at: Instant) => CashierOutcome | undefined,
  ): Promise<CashierOutcome> {
    const at = engine.settledNow()
    const checkout = engine.state.checkouts.get(id)
    if (!checkout) return { kind: 'not_found' }
    const outcome = work(checkout, checkoutState(engine, checkout, at), at)
    await engine.store.durable()
    return outcome ?? { kind: 'ok', checkout: viewCheckout(engine, checkout) }
  }

  return {
    view(id) {
      engine.settledNow()
      const checkout = engine.state.checkouts.get(id)
      return checkout && viewCheckout(engine, checkout)
    },

    login: (id, account, loginPassword) =>
      step(id, (checkout, state, at) => {
        if (state === 'expired') return { kind: 'expired' }
        if (state !== 'login' && state !== 'confirm') return undefined
        const buyer = findBuyer(engine, account)
        if (buyer?.loginPassword !== loginPassword) return { kind: 'wrong_login' }
        return logIn(engine, checkout, buyer, at)
      }),

    confirm: (id) =>
      step(id, (checkout, state, at) => {
        if (state === 'expired') return { kind: 'expired' }
        if (state === 'confirm') confirmCheckout(engine, checkout, at)
        return undefined
      }),

    async pay(id, payPassword, via) {
      let justPaid: Trade | undefined
      const outcome = await step(id, (checkout, state, at) => {
        if (state === 'expired') return { kind: 'expired' }
        if (state !== 'confirm') return undefined
        const refusal = payAs(engine, checkout, payPassword, via, at)
        if (!refusal) justPaid = tradeOf(engine, checkout)
        return refusal
      })
      if (justPaid) await engine.notifies.toldBeforeReturn(justPaid.tradeNo)
      return outcome
    },

    quit: (id) =>
      step(id, (checkout, state, at) => {
        if (state === 'login' || state === 'confirm') quitCheckout(engine, checkout, at)
        return undefined
      }),

    topUp: (id, amountFen) =>
      step(id, (checkout, state, at) => {
        if (state !== 'confirm' || checkout.buyerId === undefined) return undefined
        if (!Number.isSafeInteger(amountFen) || amountFen < 1 || amountFen > MOST_TOP_UP_FEN) return undefined
        engine.store.commit({ type: 'account_topped_up', at, accountId: checkout.buyerId, amountFen })
        return undefined
      }),

    demoBuyers: () =>
      [...engine.state.accounts.values()]
        .filter((account) => account.role === 'buyer' && account.demo)
        .map((account) => ({
          account: account.logonId,
          displayName: account.displayName,
          balanceFen: engine.state.balances.get(account.id) ?? 0,
          loginPassword: account.loginPassword,
          payPassword: account.payPassword,
        })),

    now: () => engine.clock.now(),
  }
}

export const findBuyer = (engine: Engine, logonId: string): Account | undefined =>
  [...engine.state.accounts.values()].find((account) => account.role === 'buyer' && account.logonId === logonId)

function payAs(
  engine: Engine,
  checkout: Checkout,
  password: string,
  via: PaidVia,
  at: Instant,
): CashierOutcome | undefined {
  const buyer = engine.state.accounts.get(checkout.buyerId ?? '')
  if (!buyer) return undefined
  const outcome = payCheckout(engine, checkout, buyer, { password, via }, at)
  if (outcome.kind === 'paid') return undefined
  if (outcome.kind === 'locked') return { kind: 'locked', until: new Date(outcome.until) }
  return outcome.kind === 'refused' && checkout.returnUrl !== undefined
    ? { ...outcome, returnHref: checkout.returnUrl }
    : outcome
}

/** One page, drawn at this moment of the virtual clock. */
function viewCheckout(engine: Engine, checkout: Checkout): CheckoutView {
  const now = engine.clock.nowMs()
  const state = checkoutState(engine, checkout, now)
  const until = payableUntil(engine, checkout)
  const buyer = engine.state.accounts.get(checkout.buyerId ?? '')
  const locked = buyer?.lockedUntil !== undefined && now < buyer.lockedUntil ? buyer.lockedUntil : undefined
  const returnHref = state === 'paid' ? returnHrefOf(engine, checkout) : undefined
  const { order } = checkout
  return {
    id: checkout.id,
    product: order.product,
    state,
    subject: order.subject,
    ...(order.body !== undefined && { body: order.body }),
    amountFen: order.amountFen,
    outTradeNo: order.outTradeNo,
    payeeName: engine.state.accounts.get(checkout.sellerId)?.displayName ?? '',
    ...(browserBarred(engine, checkout) && { appOnly: true }),
    ...(buyer && {
      buyer: {
        logonIdMasked: maskLogonId(buyer.logonId),
        displayName: buyer.displayName,
        balanceFen: engine.state.balances.get(buyer.id) ?? 0,
      },
    }),
    ...(checkout.qrPayMode && { qrPayMode: checkout.qrPayMode }),
    ...(checkout.qrcodeWidth !== undefined && { qrcodeWidth: checkout.qrcodeWidth }),
    ...(checkout.paidVia && { paidVia: checkout.paidVia }),
    ...(returnHref !== undefined && { returnHref }),
    ...(checkout.quitUrl !== undefined && { quitHref: checkout.quitUrl }),
    ...(state === 'closed' && {
      closedBecause: tradeOf(engine, checkout)?.status === 'TRADE_CLOSED' ? 'trade_closed' : 'paid_elsewhere',
    }),
    timeExpire: new Date(until),
    remainingMs: Math.max(0, until - now),
    triesLeft: PASSWORD_TRIES - (buyer?.wrongTries ?? 0),
    ...(locked !== undefined && { lockedUntil: new Date(locked) }),
  }
}
