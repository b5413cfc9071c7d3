import { DEFAULT_SETTINGS, type Settings } from '../settings.ts'
import type { ReceiveRule, Transfer } from '../transfers/transfer.ts'
import type { FaultKind, FaultPhase } from './fault-kinds.ts'
import type { Movement } from './ledger.ts'

/** Instants in the state are milliseconds since the epoch on the virtual clock, so that they survive JSON unchanged. */
export type Instant = number

export type Product = 'wap' | 'page'
export type TradeStatus = 'WAIT_BUYER_PAY' | 'TRADE_SUCCESS' | 'TRADE_FINISHED' | 'TRADE_CLOSED'
/** How page.pay shows a QR code in a frame of the merchant's page: `0` with order data, `1` narrow, `3` tiny, `4` of a given width. */
export type QrPayMode = '0' | '1' | '3' | '4'
export type PaidVia = 'browser' | 'app_ios' | 'app_android'

/** A payee is an account that only receives; buyers can be paid as well. */
export type AccountRole = 'buyer' | 'seller' | 'payee'

export interface Account {
  readonly id: string
  readonly role: AccountRole
  readonly logonId: string
  readonly displayName: string
  readonly loginPassword: string
  readonly payPassword: string
  /** True for the accounts every new sandbox comes with; only their passwords are shown on pages. */
  readonly demo: boolean
  /** Balance at creation, and again after a reset. */
  readonly openingFen: number
  /** A seller's own contract; absent, the settings hold. */
  readonly fee?: Partial<Pick<Settings, 'fee_rate' | 'fee_rounding' | 'fee_min_fen'>>
  /** What becomes of transfers to it; absent, they arrive at once. */
  receives?: ReceiveRule
  wrongTries: number
  lockedUntil?: Instant
  /** Set when the account is made; absent in data of versions before bills. */
  readonly registeredAt?: Instant
}

export interface App {
  readonly id: string
  readonly sellerId: string
  /** SPKI, PEM. */
  readonly publicKey: string
}

/** `timeout_express`: a span, or `1c`, the end of the day. */
export type ExpressTimeout = number | 'end_of_day'

/** What the merchant ordered; two openings of one number agree when these agree. */
export interface OrderData {
  readonly outTradeNo: string
  readonly product: Product
  readonly amountFen: number
  readonly subject: string
  readonly body?: string
}

export interface Checkout {
  readonly id: string
  readonly appId: string
  readonly sellerId: string
  readonly order: OrderData
  readonly passbackParams?: string
  readonly storeId?: string
  readonly charset: string
  /** Opened in certificate mode: the certificate that answers were signed with. */
  readonly alipayCertSn?: string
  readonly notifyUrl?: string
  readonly returnUrl?: string
  readonly quitUrl?: string
  /** Only page.pay; absent means the whole page (mode 2). */
  readonly qrPayMode?: QrPayMode
  /** Side of the QR code in CSS pixels; only with mode 4. */
  readonly qrcodeWidth?: number
  readonly openedAt: Instant
  readonly expiresAt: Instant
  /** Only wap: counts from the buyer's confirmation, so it replaces `expiresAt` when the trade is made. */
  readonly expressFromConfirm?: ExpressTimeout
  buyerId?: string
  ended?: 'paid' | 'quit'
  paidVia?: PaidVia
}

export interface Refund {
  readonly outRequestNo: string
  readonly amountFen: number
  readonly feeBackFen: number
  /** Refunded so far, this one included: what the first answer said. */
  readonly cumulativeFen: number
  readonly at: Instant
  readonly reason?: string
  /** Absent for a refund through the API. */
  readonly by?: 'console'
}

export interface Trade {
  readonly tradeNo: string
  readonly appId: string
  readonly sellerId: string
  readonly order: OrderData
  readonly passbackParams?: string
  readonly storeId?: string
  readonly charset: string
  /** Begun in certificate mode. */
  readonly alipayCertSn?: string
  readonly notifyUrl?: string
  readonly createdAt: Instant
  readonly expiresAt: Instant
  buyerId?: string
  status: TradeStatus
  paidAt?: Instant
  /** Fixed at payment: afterwards the trade is TRADE_FINISHED. */
  refundableUntil?: Instant
  closedAt?: Instant
  closedBy?: 'expiry' | 'merchant' | 'console' | 'refund'
  feeFen: number
  feeBackFen: number
  refundedFen: number
  readonly refunds: Refund[]
  /** Only under the limits of the official sandbox, which count them. */
  refusedRefunds?: number
}

export type NotifyKind = 'created' | 'paid' | 'refunded' | 'closed' | 'finished'

/** One event that the merchant is told of, through all its retries. */
export interface Notify {
  readonly id: string
  readonly kind: NotifyKind
  readonly tradeNo: string
  readonly outTradeNo: string
  readonly appId: string
  readonly url: string
  readonly tradeStatus: TradeStatus
  /** The message as it stood when the event happened, without notify_time and sign. */
  readonly fields: Readonly<Record<string, string>>
  readonly createdAt: Instant
  state: 'pending' | 'acknowledged' | 'given_up'
  /** Scheduled deliveries made so far; re-sends by hand do not count. */
  attempts: number
  nextAt: Instant
  /** The fault that held its first delivery back. */
  heldBy?: FaultKind
  readonly deliveries: Delivery[]
}

type DeliveryVerdict = 'acknowledged' | 'refused' | 'unreachable' | 'timeout' | 'host_not_allowed' | 'lost'

/** The bytes of a delivery, kept small: mostly only what is new in each of them. */
export type SentRequest = { readonly time: string; readonly sign: string } | { readonly body: string }

export interface Delivery {
  readonly at: Instant
  /** Process clock, for people who compare logs. */
  readonly realAt: Instant
  readonly verdict: DeliveryVerdict
  readonly resend: boolean
  /** What was posted; see sent-request.ts. */
  readonly sent?: SentRequest
  readonly httpStatus?: number
  /** What the merchant answered, cut. */
  readonly answer?: string
  readonly detail?: string
}

export interface FaultSpec {
  readonly kind: FaultKind
  /** API faults: the method it applies to; absent means all. */
  readonly method?: string
  /** Notify faults: the kind of event it applies to; absent means all. */
  readonly event?: NotifyKind
  /** Exact number, or a pattern with `*` for any run of characters; absent means all. */
  readonly outTradeNo?: string
  /** How often it happens before it is used up; `null` is without end. Default 1. */
  readonly times?: number | null
  /** Of fitting occasions, the share that is struck, 0 to 1. Default 1. Which ones follows from `seed` alone. */
  readonly probability?: number
  /** Default 0. */
  readonly seed?: number
  /** API faults that can be played both ways; the default is in the table of kinds. */
  readonly phase?: FaultPhase
  /** `notify_delayed` in virtual milliseconds, default one minute; `slow_drip` in real ones, default one minute. */
  readonly delayMs?: number
  /** What the odd field says, for the kinds whose description names it. */
  readonly value?: string
  /** Only `bill_late`. Default 1. */
  readonly days?: number
}

export interface Fault extends FaultSpec {
  readonly id: string
  used: number
  /** Fitting occasions that its probability let pass. */
  spared: number
}

/** Names of the two balances that belong to nobody: what the gateway earned, and where play money comes from. */
export const FEE_ACCOUNT = 'fee'
export const OUTSIDE_ACCOUNT = 'outside'
/** Where the money of transfers is that have left and not arrived. */
export const TRANSIT_ACCOUNT = 'transit'

/** Where the virtual clock stands: at `virtualAt` when the base clock said `baseAt`, running `rate` times as fast. */
export interface ClockAnchor {
  readonly virtualAt: Instant
  readonly baseAt: Instant
  readonly rate: number
}

/** All that a sandbox knows. Changed by the reducer only. */
export interface State {
  settings: Settings
  clock?: ClockAnchor
  /** The latest virtual instant at which anything happened; the clock never goes back behind it. */
  latestAt: Instant
  /** Counts every number given out; see ids.ts. */
  serial: number
  readonly apps: Map<string, App>
  readonly accounts: Map<string, Account>
  /** Integer fen; always add up to zero. */
  readonly balances: Map<string, number>
  /** The lines behind the balances, by their number and in the order in which they happened. */
  readonly movements: Map<string, Movement>
  movementsEver: number
  readonly checkouts: Map<string, Checkout>
  readonly trades: Map<string, Trade>
  /** `(seller, out_trade_no)` → trade_no, remembered for ever. */
  readonly tradeNumbers: Map<string, string>
  readonly notifies: Map<string, Notify>
  readonly faults: Map<string, Fault>
  readonly transfers: Map<string, Transfer>
  /** `(seller, out_biz_no)` → order id. */
  readonly transferNumbers: Map<string, string>
}

export function emptyState(): State {
  return {
    settings: DEFAULT_SETTINGS,
    latestAt: 0,
    serial: 0,
    apps: new Map(),
    accounts: new Map(),
    balances: new Map(),
    movements: new Map(),
    movementsEver: 0,
    checkouts: new Map(),
    trades: new Map(),
    tradeNumbers: new Map(),
    notifies: new Map(),
    faults: new Map(),
    transfers: new Map(),
    transferNumbers: new Map(),
  }
}

export const tradeKey = (sellerId: string, outTradeNo: string) => `${sellerId}/${outTradeNo}`
