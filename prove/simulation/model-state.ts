import type { CivilDate } from '@ihome/core/calendar'
import type { Account, Entry } from '@ihome/core/ledger/postings'
import type { CloseReason, OrderStatus, StayState } from '@ihome/core/orders/lifecycle'
import type { AttemptState } from '@ihome/core/payments/decide'
import type { PayoutState } from '@ihome/core/payouts/payout-plan'
import type { Rules } from './rules.ts'
import type { Clock, Effect, Gateway, HouseOfPlan, Message } from './world.ts'

/** An order with the nights it holds. Instants are milliseconds everywhere in the model. */
export interface Order {
  readonly key: number
  readonly guest: number
  readonly house: number
  readonly start_date: CivilDate
  readonly end_date: CivilDate
  readonly amountFen: number
  readonly acceptBy: number
  readonly createdAt: number
  status: OrderStatus
  closeReason: CloseReason | undefined
  stay: StayState
  payBy: number | undefined
  paidAt: number | undefined
  checkedOutAt: number | undefined
  counted: number
  /** Every status it was in, the first included. */
  readonly way: OrderStatus[]
}

export interface Attempt {
  readonly key: string
  readonly order: Order
  readonly amountFen: number
  readonly timeExpire: number
  readonly createdAt: number
  state: AttemptState
  disposition: 'APPLIED' | 'SURPLUS' | undefined
  tradeNo: string | undefined
  receivedFen: number
  refundable: boolean
  openedAt: number | undefined
  lastQueryAt: number | undefined
  nextQueryAt: number | undefined
  notExistAt: number | undefined
  leaseUntil: number
  closeSentAt: number | undefined
  /** Wrong amounts that messages told. */
  readonly told: number[]
}

export type RefundState = 'RESERVED' | 'SENT' | 'UNKNOWN' | 'WAIT_FUNDS' | 'SUCCEEDED' | 'MANUAL' | 'VOID' | 'EXTERNAL'

export interface Refund {
  readonly key: string
  /** The number at the gateway where it is another one than the key: of what others gave back. */
  readonly number?: string | undefined
  readonly attempt: Attempt | undefined
  /** The number at the gateway of the trade that it is of. */
  readonly outTradeNo: string
  readonly reason: string
  readonly amountFen: number
  readonly createdAt: number
  state: RefundState
  doneFen: number
  tries: number
  error: string | undefined
  sentAt: number | undefined
  lastQueryAt: number | undefined
  nextTryAt: number | undefined
  leaseUntil: number | undefined
  owner: string | undefined
  settledAt: number | undefined
}

export interface Posting {
  readonly key: string
  readonly event: string
  readonly order: Order | undefined
  readonly entries: readonly Entry[]
}

export interface KeptFact {
  readonly message: Message
  readonly receivedAt: number
  /** Undefined while it has had no effect. */
  effect: Effect | undefined
  /** When it is looked at again that had to wait for the gateway. */
  retryAt?: number
}

export interface Payout {
  /** Its number at the gateway. */
  readonly key: string
  readonly order: Order
  /** The posting that earned it, or the payout that came back. */
  readonly earnedKey: string
  readonly earnedFen: number
  state: PayoutState
  amountFen: number
  tries: number
  nextTryAt: number | undefined
  leaseUntil: number
  sentAt: number | undefined
  settledAt: number | undefined
}

/** Everything the shop of the model knows. */
export interface State {
  readonly clock: Clock
  readonly rules: Rules
  readonly gateway: Gateway
  readonly houses: readonly HouseOfPlan[]
  readonly prefix: string
  readonly orders: Map<number, Order>
  readonly attempts: Map<string, Attempt>
  readonly refunds: Refund[]
  readonly postings: Map<string, Posting>
  readonly payouts: Payout[]
  /** Orders whose payout somebody keeps back. */
  readonly disputed: Set<number>
  readonly paysOut: boolean
  readonly cases: Map<string, { readonly openedAt: number; open: boolean }>
  readonly facts: Map<string, KeptFact>
  readonly messages: Set<string>
  /** Tells that an edge of promises 6 was met. */
  readonly hit: (edge: string) => void
}

/** Posting the same effect again posts nothing; gives whether it was posted. */
export function post(state: State, posting: Posting): boolean {
  if (state.postings.has(posting.key)) return false
  state.postings.set(posting.key, posting)
  return true
}

export function accountSum(state: State, account: Account, ownerId: string): number {
  let sum = 0
  for (const { entries } of state.postings.values()) {
    for (const entry of entries) if (entry.account === account && entry.ownerId === ownerId) sum += entry.amountFen
  }
  return sum
}

/** What the guest's money for this order still amounts to on our side. */
export const heldFen = (state: State, order: Order): number => 0 - accountSum(state, 'GUEST_ESCROW', String(order.key))

export function openCase(state: State, kind: string, subject: string): void {
  const key = `${kind} ${subject}`
  const earlier = state.cases.get(key)
  if (!earlier?.open) state.cases.set(key, { openedAt: state.clock.at, open: true })
}

export function closeCase(state: State, kind: string, subject: string): void {
  const earlier = state.cases.get(`${kind} ${subject}`)
  if (earlier) earlier.open = false
}

export const isLive = ({ state }: Attempt): boolean => state === 'NEW' || state === 'OPEN' || state === 'CLOSING'

export function liveAttempt(state: State, order: Order): Attempt | undefined {
  for (const attempt of state.attempts.values()) if (attempt.order === order && isLive(attempt)) return attempt
  return undefined
}

export const refundsOf = (state: State, attempt: Attempt): Refund[] =>
  state.refunds.filter((refund) => refund.attempt === attempt)
