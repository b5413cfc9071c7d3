/**
 * What the cashier pages need from the engine, and nothing more.
 *
 * The pages hold no state of their own: every page is drawn from {@link CashierPort.view}, every button is one call
 * below, and every call may come twice or fifty times at once. The engine alone decides.
 */

/** How a payment was made: in these pages, or in the simulated app that never comes back / opens a new tab. */
export type PaidVia = 'browser' | 'app_ios' | 'app_android'

/**
 * - `login`: nobody has logged in.
 * - `confirm`: a buyer has logged in; covers the confirmation and the password step, which differ only on screen.
 * - `paid`: paid through this very page; final.
 * - `quit`: the buyer gave up on this page; final for the page, not for the number, which may be opened again.
 * - `expired`: `time_expire` has passed on the virtual clock; final.
 * - `closed`: the number can no longer be paid here for the reason in `closedBecause`; final.
 */
export type CheckoutState = 'login' | 'confirm' | 'paid' | 'quit' | 'expired' | 'closed'

export interface CheckoutBuyer {
  readonly logonIdMasked: string
  readonly displayName: string
  readonly balanceFen: number
}

/** One browser-side payment page. It is not a trade: the trade is created when SBX-19 says so. */
export interface CheckoutView {
  /** Unguessable, `[0-9A-Za-z_-]+`; stands in the address as `/cashier/<id>`. */
  readonly id: string
  readonly product: 'wap' | 'page'
  /** page.pay in a frame of the merchant's page: a QR code first, for the same checkout on a phone. */
  readonly qrPayMode?: '0' | '1' | '3' | '4'
  /** Side of the QR code, for mode 4. */
  readonly qrcodeWidth?: number
  readonly state: CheckoutState
  readonly subject: string
  readonly body?: string
  readonly amountFen: number
  readonly outTradeNo: string
  readonly payeeName: string
  /** Under the limits of the official sandbox a wap page cannot be paid in the browser, only in the simulated app. */
  readonly appOnly?: true
  /** Present from `confirm` on. */
  readonly buyer?: CheckoutBuyer
  /** Present once `paid`. */
  readonly paidVia?: PaidVia
  /** The whole signed return address, to be used byte for byte; only once `paid`, absent without a return_url. */
  readonly returnHref?: string
  /** Where 返回商户 leads a buyer who has not paid: the quit_url, if the merchant gave one. */
  readonly quitHref?: string
  /** Only in state `closed`: the trade was closed, or it was paid through another page. */
  readonly closedBecause?: 'trade_closed' | 'paid_elsewhere'
  /** On the virtual clock; payable iff now < timeExpire. */
  readonly timeExpire: Date
  readonly remainingMs: number
  /** Tries at the pay password left to this buyer before the lock; 5 when nobody has logged in. */
  readonly triesLeft: number
  /** Virtual instant until which this buyer cannot pay; absent when not locked. */
  readonly lockedUntil?: Date
}

/** A buyer whose account and passwords the login page may print, because they are this sandbox's published defaults. */
export interface DemoBuyer {
  readonly account: string
  readonly displayName: string
  readonly balanceFen: number
  readonly loginPassword: string
  readonly payPassword: string
}

export type CashierOutcome =
  | { readonly kind: 'ok'; readonly checkout: CheckoutView }
  | { readonly kind: 'wrong_login' }
  | { readonly kind: 'wrong_password'; readonly triesLeft: number }
  | { readonly kind: 'locked'; readonly until: Date }
  | { readonly kind: 'balance_short'; readonly shortFen: number }
  | { readonly kind: 'expired' }
  /** `code` as in `ACQ.TRADE_HAS_CLOSE`, `text` in Chinese; `returnHref` is where 返回商户 leads, unsigned. */
  | { readonly kind: 'refused'; readonly code: string; readonly text: string; readonly returnHref?: string }
  | { readonly kind: 'not_found' }

/**
 * Every call answers by the state the checkout is in, so that repeats are harmless: `pay` on a `paid` page, `quit` on a
 * `quit` one and `login` / `confirm` / `topUp` on any final one change nothing and answer `ok` with the current view.
 * Promises resolve only after the data is on disk.
 */
export interface CashierPort {
  /** The page as it stands on the virtual clock now; nothing for an unknown id. */
  view(id: string): CheckoutView | undefined
  /** `login` → `confirm`. In `confirm` it replaces the buyer, unless a trade already belongs to the first one. */
  login(id: string, account: string, loginPassword: string): Promise<CashierOutcome>
  /** The buyer has read the confirmation and goes on to the password; a trade is made here if the setting says so. */
  confirm(id: string): Promise<CashierOutcome>
  /** The full pay password. A wrong one costs a try; too small a balance leaves a trade in WAIT_BUYER_PAY. */
  pay(id: string, payPassword: string, via: PaidVia): Promise<CashierOutcome>
  quit(id: string): Promise<CashierOutcome>
  /** Gives the logged-in buyer play money, 1 fen to 100,000,000 yuan. */
  topUp(id: string, amountFen: number): Promise<CashierOutcome>
  /** Accounts to print on the login page; empty when this sandbox was configured with its own. */
  demoBuyers(): readonly DemoBuyer[]
  /** The virtual clock. */
  now(): Date
}

/** What the HTTP server hands over: already size-limited, `headers` with lower-case names, `form` from a urlencoded body. */
export interface CashierRequest {
  readonly method: string
  /** Without query, as sent: `/cashier/<id>/confirm`. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly cookies: Readonly<Record<string, string | undefined>>
  readonly form: URLSearchParams
  /** Scheme and host by which this browser reached the cashier. */
  readonly origin: string
}

export interface CashierResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** UTF-8. */
  readonly body: string
}
