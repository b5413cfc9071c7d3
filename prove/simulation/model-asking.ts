import { applyFact } from './model-payments.ts'
import { type Attempt, isLive, liveAttempt, type Order, openCase, type State } from './model-state.ts'
import { LIMITS } from './rules.ts'
import { Died, type GivenPage, type Message, type Says } from './world.ts'

/** Gives every answer an id of its own. */
let answers = 0

function tell(state: State, attempt: Attempt, entrance: Message['entrance'], says: Says): void {
  answers += 1
  applyFact(state, { entrance, noticeId: `answer:${answers}`, outTradeNo: attempt.key, says })
}

/** Asks the gateway about an attempt, at most once in a few seconds; gives whether it asked. */
export function ask(state: State, attempt: Attempt, entrance: Message['entrance']): boolean {
  const now = state.clock.at
  if (attempt.lastQueryAt !== undefined && attempt.lastQueryAt > now - LIMITS.queryGapMs) return false
  attempt.lastQueryAt = now
  const answer = state.gateway.query(attempt.key)
  const says: Says =
    answer.kind === 'fact'
      ? { kind: 'trade', fact: answer.fact }
      : answer.kind === 'refused'
        ? { kind: 'unknown', reason: answer.code }
        : answer
  tell(state, attempt, entrance, says)
  return true
}

/** When somebody has to ask about this attempt, or tell the gateway to close it. */
export function attemptDueAt(attempt: Attempt): number | undefined {
  const unclosed = isLive(attempt) && attempt.closeSentAt === undefined && attempt.order.status !== 'WAIT_PAYMENT'
  const due = unclosed ? 0 : attempt.nextQueryAt
  return due === undefined ? undefined : Math.max(due, attempt.leaseUntil)
}

/** Asks about every attempt that is due; gives about how many. */
export function askDueAttempts(state: State): number {
  const now = state.clock.at
  for (const attempt of state.attempts.values()) {
    if (isLive(attempt) && attempt.timeExpire < now - LIMITS.overdueMs) openCase(state, 'overdue_attempt', attempt.key)
  }
  const due = [...state.attempts.values()].filter((attempt) => (attemptDueAt(attempt) ?? now + 1) <= now)
  for (const attempt of due) attempt.leaseUntil = now + LIMITS.leaseMs
  for (const attempt of due) {
    try {
      const closed = shouldClose(state, attempt) && closeAtGateway(state, attempt)
      if (!closed && !ask(state, attempt, 'poll')) postpone(attempt, now + LIMITS.queryGapMs)
      attempt.leaseUntil = 0
    } catch (error) {
      if (!(error instanceof Died)) throw error
    }
  }
  return due.length
}

function postpone(attempt: Attempt, next: number): void {
  if (attempt.nextQueryAt !== undefined && attempt.nextQueryAt < next) attempt.nextQueryAt = next
}

function shouldClose(state: State, attempt: Attempt): boolean {
  if (!isLive(attempt)) return false
  if (attempt.timeExpire <= state.clock.at && attempt.closeSentAt !== undefined) return false
  return attempt.order.status !== 'WAIT_PAYMENT'
}

/** True when the answer says how that stands, and nothing needs to be asked. */
function closeAtGateway(state: State, attempt: Attempt): boolean {
  attempt.state = 'CLOSING'
  attempt.closeSentAt = state.clock.at
  const answer = state.gateway.close(attempt.key)
  if (answer.kind === 'fact') tell(state, attempt, 'poll', { kind: 'closed' })
  else if (answer.kind !== 'not_exist' || attempt.timeExpire <= state.clock.at) return false
  else tell(state, attempt, 'poll', { kind: 'not_exist' })
  return true
}

const SAME_PRESS_MS = 3_000

/** The page at which the guest pays: the same one while its attempt lives. */
export function press(state: State, order: Order): GivenPage | undefined {
  const first = findOrMake(state, order)
  if (!first) return undefined
  if (first.state === 'NEW') return open(state, first)
  const now = state.clock.at
  const pressedAgain = now - (first.openedAt ?? first.createdAt) < SAME_PRESS_MS
  if (!pressedAgain) {
    try {
      ask(state, first, 'manual')
    } catch (error) {
      if (error instanceof Died) return undefined
      throw error
    }
    if (order.status === 'PAID') return undefined
  }
  const attempt = pressedAgain ? first : findOrMake(state, order)
  if (!attempt) return undefined
  if (attempt.state === 'NEW') return open(state, attempt)
  if (attempt.state !== 'OPEN' || attempt.timeExpire <= now) return undefined
  state.hit('E14')
  return pageOf(attempt)
}

const pageOf = ({ key, amountFen, timeExpire }: Attempt): GivenPage => ({ outTradeNo: key, amountFen, timeExpire })

function findOrMake(state: State, order: Order): Attempt | undefined {
  const now = state.clock.at
  const timeExpire = Math.floor((order.payBy ?? 0) / 1_000) * 1_000
  if (order.status !== 'WAIT_PAYMENT' || timeExpire - now < LIMITS.leastTimeToPayMs) return undefined
  const live = liveAttempt(state, order)
  if (live) return live
  const attempt: Attempt = {
    key: `${state.prefix}20261123_${order.key}_${state.attempts.size}`,
    order,
    amountFen: order.amountFen,
    timeExpire,
    createdAt: now,
    state: 'NEW',
    disposition: undefined,
    tradeNo: undefined,
    receivedFen: 0,
    refundable: true,
    openedAt: undefined,
    lastQueryAt: undefined,
    nextQueryAt: undefined,
    notExistAt: undefined,
    leaseUntil: 0,
    closeSentAt: undefined,
    told: [],
  }
  state.attempts.set(attempt.key, attempt)
  return attempt
}

function open(state: State, attempt: Attempt): GivenPage {
  const now = new Date(state.clock.at)
  attempt.state = 'OPEN'
  attempt.openedAt = state.clock.at
  attempt.nextQueryAt = state.rules.nextQueryAt(now, new Date(attempt.timeExpire), now)?.getTime()
  return pageOf(attempt)
}
