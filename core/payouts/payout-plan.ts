import { type Fen, lessFen, toFen } from '../money.ts'
import { checkInAt, type OrderInTime } from '../orders/stay-times.ts'

export type PayoutState = 'ACCRUED' | 'SCHEDULED' | 'SENT' | 'UNKNOWN' | 'RETRY' | 'SUCCEEDED' | 'MANUAL' | 'RETURNED'

/** Promised to a host and not yet known to be gone: all of it together never exceeds what we owe (promises T3). */
export const PROMISED_STATES: readonly PayoutState[] = ['SCHEDULED', 'SENT', 'UNKNOWN', 'RETRY', 'MANUAL']

/** Why a payout waits. `payee_change` stands for every account that may not be paid to yet, a missing one too. */
export type FrozenReason = 'refund' | 'dispute' | 'unverified' | 'payee_change'

const HOUR_MS = 3_600_000
/** A payout waits this long after check-in: a guest who found no home has spoken up by then (promises T1). */
export const PAYOUT_AFTER_CHECK_IN_MS = 24 * HOUR_MS
/** A changed account waits this long, so that its owner can object (promises T4). The database asks for it too. */
export const PAYEE_CHANGE_MS = 72 * HOUR_MS

/** The first instant at which what an order earned may leave. */
export const payoutNotBefore = (order: OrderInTime): Date =>
  new Date(checkInAt(order).getTime() + PAYOUT_AFTER_CHECK_IN_MS)

export interface PayoutSituation {
  /** An operator keeps it back. */
  readonly isHeld: boolean
  readonly hasOpenRefund: boolean
  readonly isHostVerified: boolean
  /** The host's account may be paid to now, and is another one than the one that just failed. */
  readonly hasPayee: boolean
}

/** Why nothing may be sent now; undefined when it may. What concerns money comes before what concerns the account. */
export function frozenReason(situation: PayoutSituation): FrozenReason | undefined {
  if (situation.isHeld) return 'dispute'
  if (situation.hasOpenRefund) return 'refund'
  if (!situation.isHostVerified) return 'unverified'
  return situation.hasPayee ? undefined : 'payee_change'
}

export interface PayoutPlan {
  /** To send. */
  readonly amount: Fen
  /** Kept against what the host owes. */
  readonly netted: Fen
}

/**
 * Divides what was earned: no more than what we still owe the host and have not promised elsewhere (`freeFen`, which
 * clawbacks lower and may turn negative), and of that first what the host owes us.
 */
export function planPayout(earned: Fen, freeFen: number, receivableFen: number): PayoutPlan {
  const gross = toFen(Math.max(0, Math.min(earned, freeFen)))
  const netted = toFen(Math.max(0, Math.min(gross, receivableFen)))
  return { amount: lessFen(gross, netted), netted }
}

/**
 * What a signed no to a transfer means. The money did not move in any of these cases but the last.
 * `funds`: our balance is short; `limit`: a day's limit is reached; `payee`: the host's account cannot take it;
 * `person`: our rights or our request are wrong, which no repeat mends; `doubt`: the gateway knows our number with
 * another content, so that money may have moved under it.
 */
export type TransferRefusal = 'funds' | 'limit' | 'payee' | 'person' | 'doubt'

const FUNDS: ReadonlySet<string> = new Set([
  'BALANCE_IS_NOT_ENOUGH',
  'PAYER_BALANCE_NOT_ENOUGH',
  'PAYMENT_MONEY_NOT_ENOUGH',
])
const LIMITS: ReadonlySet<string> = new Set([
  'EXCEED_LIMIT_DM_AMOUNT',
  'EXCEED_LIMIT_MM_AMOUNT',
  'EXCEED_LIMIT_DC_RECEIVED',
])
const PAYEE: ReadonlySet<string> = new Set([
  'PAYEE_NOT_EXIST',
  'PAYEE_USERINFO_ERROR',
  'PAYEE_ACCOUNT_STATUS_ERROR',
  'PAYEE_NOT_RELNAME_CERTIFY',
  'PERM_AML_NOT_REALNAME_REV',
  'BLOCK_USER_FORBBIDEN_RECIEVE',
  'NO_ACCOUNT_RECEIVE_PERMISSION',
])
const DOUBTS: ReadonlySet<string> = new Set(['REP_INCONSISTENT', 'BIZ_UNIQUE_EXCEPTION'])

export function transferRefusal(code: string): TransferRefusal {
  if (FUNDS.has(code)) return 'funds'
  if (LIMITS.has(code)) return 'limit'
  if (DOUBTS.has(code)) return 'doubt'
  return PAYEE.has(code) ? 'payee' : 'person'
}

/** When a refusal that time may mend is tried again. */
export const retryAfterRefusal = (refusal: 'funds' | 'limit', now: Date): Date =>
  new Date(now.getTime() + (refusal === 'funds' ? 5 * 60_000 : HOUR_MS))

/** When a payout that may have happened is asked about again, the `tries`-th time: 10 s, doubling, to 15 min. */
export const nextPayoutTryAt = (tries: number, now: Date): Date =>
  new Date(now.getTime() + Math.min(10_000 * 2 ** Math.min(Math.max(tries - 1, 0), 8), 15 * 60_000))

/** After success the gateway is asked a day and three days later whether the money came back; then no more. */
export function nextLookAfterSuccess(settledAt: Date, now: Date): Date | undefined {
  const looks = [24 * HOUR_MS, 72 * HOUR_MS].map((ms) => settledAt.getTime() + ms)
  const next = looks.find((at) => at > now.getTime())
  return next === undefined ? undefined : new Date(next)
}
