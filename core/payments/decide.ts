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
  /** How long after `timeExpire` money that was under way may still show up. */
  readonly graceMs: number
  /** How far apart two answers must be to count as two (promises 5, alipay.md ALI-18). */
  readonly gapMs: number
  readonly now: Date
  /** When an earlier query after `timeExpire` said that no trade exists. */
  readonly notExistAt?: Date | undefined
}

/**
 * Whether one more "no such trade" means that nobody can pay any more. An open cashier page has no trade, so the
 * answer counts only after `timeExpire`, and closes only the second time, past the grace.
 */
export function notExistCloses({ timeExpire, graceMs, gapMs, now, notExistAt }: CloseQuestion): boolean {
  if (!notExistAt || now.getTime() < timeExpire.getTime() + graceMs) return false
  return now.getTime() - notExistAt.getTime() >= gapMs
}

/** Whether a "no such trade" at `now` is one that counts. */
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

export interface NextAskQuestion extends CloseQuestion {
  readonly openedAt: Date
  /** What the gateway has just said about an attempt that could still be paid. */
  readonly answer: Exclude<FactKind, 'paid' | 'refund' | 'closed'>
}

/**
 * When to ask again about an attempt that has not ended. The schedule of {@link nextQueryAt}, but sooner where one
 * more answer would settle it: after silence, after the first "no such trade" that counts, and while a trade still
 * waits for its buyer past the end. Always an instant: an attempt that could take money is never given up.
 */
export function nextAskAt(question: NextAskQuestion): Date {
  const { openedAt, timeExpire, graceMs, gapMs, now, notExistAt, answer } = question
  const expires = timeExpire.getTime()
  const at = now.getTime()
  const scheduled = nextQueryAt(openedAt, timeExpire, now)?.getTime() ?? at + HOUR
  const late = at - expires
  const retry = at + (late > HOUR ? 5 * MINUTE : MINUTE)
  if (answer === 'unknown') return new Date(Math.min(scheduled, retry))
  if (late <= 0) return new Date(scheduled)
  if (answer === 'waiting') return new Date(Math.min(scheduled, retry))
  return new Date(Math.min(scheduled, Math.max((notExistAt ?? now).getTime() + gapMs, expires + graceMs, at + SECOND)))
}

/**
 * When to look once more at an attempt that two "no such trade" have closed: hourly to 24 h after `timeExpire`, since
 * nothing but our own question would find money whose message was lost.
 */
export function nextLookAt(timeExpire: Date, now: Date): Date | undefined {
  const hours = Math.floor((now.getTime() - timeExpire.getTime()) / HOUR) + 1
  return hours > 24 ? undefined : new Date(timeExpire.getTime() + Math.max(1, hours) * HOUR)
}

/** What a refusal of a refund means for what happens next (alipay.md ALI-22, promises R4, E25-E27). */
export type RefundRefusal = 'wait_for_funds' | 'manual' | 'ask_first'

const NEVER_AGAIN =
  /^(ACQ\.(TRADE_HAS_FINISHED|BUYER_.+|.*NOT_ALLOW_.+|DISCORDANT_REPEAT_REQUEST)|REFUND_(CLOSED|ABNORMAL))$/
/** The merchant's account is short: in Alipay's word and in WeChat Pay's. */
const SHORT_OF_FUNDS: readonly string[] = ['ACQ.SELLER_BALANCE_NOT_ENOUGH', 'NOT_ENOUGH']

export function afterRefundRefusal(code: string): RefundRefusal {
  if (SHORT_OF_FUNDS.includes(code)) return 'wait_for_funds'
  return NEVER_AGAIN.test(code) ? 'manual' : 'ask_first'
}

/** Between two refunds of one trade the gateway wants this much time (promises E29). */
export const REFUND_GAP_MS = 3 * SECOND
/** A refund that may have happened is asked about no sooner than this (alipay.md 3.4). */
export const REFUND_QUERY_AFTER_MS = 10 * SECOND

/** When an unsettled refund is tried or asked about again, the `tries`-th time. */
export const nextRefundTryAt = (tries: number, now: Date): Date =>
  new Date(now.getTime() + Math.min(REFUND_QUERY_AFTER_MS * 2 ** Math.min(Math.max(tries - 1, 0), 8), 15 * MINUTE))
