import { RICH_BUYER } from './engine/accounts.ts'
import { findBuyer } from './engine/cashier-port.ts'
import {
  checkoutState,
  confirmCheckout,
  logIn,
  payableUntil,
  payCheckout,
  quitCheckout,
  returnHrefOf,
  tradeOf,
} from './engine/checkouts.ts'
import type { Engine } from './engine/engine.ts'
import type { Account, Checkout, Instant, PaidVia, Trade } from './engine/model.ts'
import type { Gateway } from './wire/gateway.ts'
import { GatewayError } from './wire/gateway-error.ts'

/**
 * - `paid`: the buyer logs in, confirms and pays.
 * - `quit`: logs in and gives up. `tab_closed`: logs in and is never seen again.
 * - `wrong_password`: gives a wrong pay password, once or as often as told, and leaves.
 * - `last_millisecond`: the clock is moved to one millisecond before the expiry, then the buyer pays.
 * - `after_expiry`: the clock is moved past the expiry if it is not there yet, and the payment is forced through.
 */
export type PaymentOutcome = 'paid' | 'quit' | 'tab_closed' | 'wrong_password' | 'last_millisecond' | 'after_expiry'
export const PAYMENT_OUTCOMES: readonly PaymentOutcome[] = [
  'paid',
  'quit',
  'tab_closed',
  'wrong_password',
  'last_millisecond',
  'after_expiry',
]

export interface PaymentWish {
  /** What the merchant gave to the buyer: the signed GET address of wap.pay or page.pay. */
  readonly payUrl: string
  /** Login of the buyer; the rich one by default. */
  readonly buyer?: string
  readonly outcome?: PaymentOutcome
  /** Only for `wrong_password`: how often. Default 1; the fifth try locks the buyer. */
  readonly wrongTries?: number
  /** In the cashier pages, the default, or in the simulated app, which does not come back by itself. */
  readonly via?: PaidVia
  /** `follow` opens the return address as the browser would; `none` (default) leaves it, as an app on iOS does. */
  readonly return?: 'follow' | 'none'
}

export interface Payment {
  readonly checkoutId: string
  /** Absent while no trade exists, for example after `quit` on a wap page. */
  readonly trade?: Trade
  /** The signed address, once paid and if the merchant gave a return_url. */
  readonly returnUrl?: string
}

/** The payment could not be played as asked; the text says what the cashier would have shown. */
export class PaymentRefused extends Error {
  override readonly name = 'PaymentRefused'
  readonly code: string

  constructor(code: string, text: string) {
    super(`${code}: ${text}`)
    this.code = code
  }
}

/** Plays a buyer without a browser, through the same checks and steps as the cashier pages. */
export async function playBuyer(engine: Engine, gateway: Gateway, wish: PaymentWish): Promise<Payment> {
  const outcome = wish.outcome ?? 'paid'
  const buyer = findBuyer(engine, wish.buyer ?? RICH_BUYER)
  if (!buyer) throw new PaymentRefused('no_such_buyer', `no buyer ${wish.buyer}`)
  const checkout = await openFor(engine, gateway, wish.payUrl)
  const visit: Visit = { engine, checkout, buyer, via: wish.via ?? 'browser' }
  if (outcome === 'after_expiry') await payTooLate(visit)
  else {
    logInOrThrow(visit, engine.settledNow())
    await play(visit, outcome, wish.wrongTries ?? 1)
  }
  await engine.store.durable()

  const trade = tradeOf(engine, checkout)
  const returnUrl = checkout.ended === 'paid' ? returnHrefOf(engine, checkout) : undefined
  if (wish.return === 'follow' && returnUrl !== undefined && trade) {
    await engine.notifies.toldBeforeReturn(trade.tradeNo)
    await openAddress(returnUrl)
    engine.notifies.returned(trade.tradeNo)
  }
  return { checkoutId: checkout.id, ...(trade && { trade }), ...(returnUrl !== undefined && { returnUrl }) }
}

async function openFor(engine: Engine, gateway: Gateway, payUrl: string): Promise<Checkout> {
  try {
    const result = await gateway.open(payUrl)
    if ('kind' in result) throw new PaymentRefused(result.code, result.text)
    // The live record, which later steps change.
    return engine.state.checkouts.get(result.id) ?? result
  } catch (error) {
    if (error instanceof GatewayError) throw new PaymentRefused(error.subCode, error.message)
    throw error
  }
}

/** One buyer in front of one cashier page. */
interface Visit {
  readonly engine: Engine
  readonly checkout: Checkout
  readonly buyer: Account
  readonly via: PaidVia
}

function logInOrThrow({ engine, checkout, buyer }: Visit, at: Instant): void {
  const refusal = logIn(engine, checkout, buyer, at)
  if (refusal) throw new PaymentRefused(refusal.code, refusal.text)
}

type InTime = Exclude<PaymentOutcome, 'after_expiry'>

async function play(visit: Visit, outcome: InTime, wrongTries: number): Promise<void> {
  const { engine, checkout } = visit
  switch (outcome) {
    case 'tab_closed':
      return
    case 'quit':
      return quitCheckout(engine, checkout, engine.settledNow())
    case 'wrong_password':
      confirmCheckout(engine, checkout, engine.settledNow())
      for (let tries = 0; tries < wrongTries; tries += 1) submitWrong(visit)
      return
    case 'last_millisecond':
      confirmCheckout(engine, checkout, engine.settledNow())
      await engine.scheduler.advanceTo(
        () => payableUntil(engine, checkout) - 1,
        () => submitInTime(visit),
      )
      return
    case 'paid':
      confirmCheckout(engine, checkout, engine.settledNow())
      return submitInTime(visit)
  }
}

/**
 * Forces a payment through on a page that has run out. The buyer logs in as late as that too: where the log-in makes
 * the trade, an earlier one would have been closed by now. Both happen in one turn, before anything due can intervene.
 */
async function payTooLate(visit: Visit): Promise<void> {
  const { engine, checkout } = visit
  await engine.scheduler.advanceTo((now) => Math.max(now, payableUntil(engine, checkout) + 1000))
  const at = engine.settledNow()
  logInOrThrow(visit, at)
  submit(visit, at)
}

function submitInTime(visit: Visit): void {
  const at = visit.engine.settledNow()
  const state = checkoutState(visit.engine, visit.checkout, at)
  if (state !== 'confirm') throw new PaymentRefused(state, 'the page can no longer be paid')
  submit(visit, at)
}

/** Whatever comes of it is in the state; only a refusal of the page itself is told. */
function submitWrong({ engine, checkout, buyer, via }: Visit): void {
  const password = `not ${buyer.payPassword}`
  const outcome = payCheckout(engine, checkout, buyer, { password, via }, engine.settledNow())
  if (outcome.kind === 'refused') throw new PaymentRefused(outcome.code, outcome.text)
}

function submit({ engine, checkout, buyer, via }: Visit, at: Instant): void {
  const outcome = payCheckout(engine, checkout, buyer, { password: buyer.payPassword, via }, at)
  switch (outcome.kind) {
    case 'paid':
      return
    case 'balance_short':
      throw new PaymentRefused('balance_short', `the buyer is ${outcome.shortFen} fen short`)
    case 'locked':
      throw new PaymentRefused('locked', 'the buyer is locked after wrong pay passwords')
    case 'wrong_password':
      throw new PaymentRefused('wrong_password', 'wrong pay password')
    case 'refused':
      throw new PaymentRefused(outcome.code, outcome.text)
  }
}

/** As the buyer's browser would; whatever the merchant answers is the merchant's affair. */
async function openAddress(url: string): Promise<void> {
  try {
    await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(10_000) })
  } catch {
    // A browser would show its own error page: the payment stands either way.
  }
}
