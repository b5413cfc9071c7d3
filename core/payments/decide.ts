import { type CloseReason, canStillBePaid, type OrderStatus } from '../orders/lifecycle.ts'

export type AttemptState = 'NEW' | 'OPEN' | 'CLOSING' | 'CLOSED' | 'SUCCEEDED' | 'MISMATCH'

/** What a verified message of the gateway says about one attempt. Silence is `unknown`, never a failure. */
export type FactKind = 'paid' | 'refund' | 'closed' | 'not_exist' | 'waiting' | 'unknown'

export interface PaidQuestion {
  readonly attempt: { readonly state: AttemptState; readonly amountFen: number }
  readonly order: {
    readonly status: OrderStatus
    readonly closeReason?: CloseReason | undefined
    readonly stayHeld: boolean
  }
  readonly receivedFen: number
}

/**
 * What to do with money that arrived. The gateway is the authority on money, we on the stay (promises 1): it is
 * applied while the nights are still ours to give, else it goes back in full; it never revives a dead order.
 */
export type PaidDecision = 'nothing' | 'mismatch' | 'apply' | 'surplus_and_settle' | 'surplus'

export function decidePaid({ attempt, order, receivedFen }: PaidQuestion): PaidDecision {
  if (attempt.state === 'SUCCEEDED' || attempt.state === 'MISMATCH') return 'nothing' // P4, P7
  if (receivedFen !== attempt.amountFen) return 'mismatch' // E17
  if (canStillBePaid(order.status, order.closeReason) && order.stayHeld) return 'apply' // E01, E04
  if (order.status === 'CLOSING') return 'surplus_and_settle' // E05, E06
  return 'surplus' // E03, E07, E08
}

export interface CloseQuestion {
  readonly timeExpire: Date
  readonly graceMs: number
  readonly now: Date
  /** When an earlier query after `timeExpire` said that no trade exists. */
  readonly notExistAt?: Date | undefined
}

/** Two answers this far apart must agree before silence of the trade is believed (promises 5, alipay.md ALI-18). */
export const NOT_EXIST_GAP_MS = 60_000

/**
 * Whether one more "no such trade" means that nobody can pay any more. An open cashier page has no trade, so the
 * answer counts only after `timeExpire`, and closes only the second time, past the grace.
 */
export function notExistCloses({ timeExpire, graceMs, now, notExistAt }: CloseQuestion): boolean {
  if (!notExistAt || now.getTime() < timeExpire.getTime() + graceMs) return false
  return now.getTime() - notExistAt.getTime() >= NOT_EXIST_GAP_MS
}

/** Whether a "no such trade" at `now` is the first one that counts. */
export const notExistCounts = (timeExpire: Date, now: Date): boolean => now.getTime() > timeExpire.getTime()

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const FIRST_STEPS_MS = [10 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE]

/**
 * When to ask about an attempt next: 10 s, 30 s, 1, 2, 5 min after the URL was given, then every 5 min, at pay-by, 1
 * and 2 min after `timeExpire`, then hourly to 24 h. Undefined when the daily bill has to take over (promises 5).
 */
export function nextQueryAt(openedAt: Date, timeExpire: Date, now: Date): Date | undefined {
  const opened = openedAt.getTime()
  const expires = timeExpire.getTime()
  const candidates = [
    ...FIRST_STEPS_MS.map((ms) => opened + ms),
    opened + (Math.floor((now.getTime() - opened) / (5 * MINUTE)) + 1) * 5 * MINUTE,
  ].filter((at) => at < expires)
  candidates.push(expires, expires + MINUTE + SECOND, expires + 2 * MINUTE + 2 * SECOND)
  for (let hour = 1; hour <= 24; hour += 1) candidates.push(expires + hour * HOUR)
  const next = candidates.filter((at) => at > now.getTime()).sort((a, b) => a - b)[0]
  return next === undefined ? undefined : new Date(next)
}
