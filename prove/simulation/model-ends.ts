import { move } from './model-orders.ts'
import { type Attempt, isLive, liveAttempt, type Order, openCase, refundsOf, type State } from './model-state.ts'
import { LIMITS } from './rules.ts'
import type { Message } from './world.ts'

type Entrance = Message['entrance']
const at = (ms: number) => new Date(ms)

/** An order that was closing ends when nothing can take money for it any more. */
export function settleIfEnded(state: State, order: Order): void {
  if (order.status !== 'CLOSING' || liveAttempt(state, order)) return
  move(state, order, 'settle', 'gateway')
}

export function takeClosed(state: State, attempt: Attempt, entrance: Entrance): 'closed' | 'none' {
  if (isLive(attempt)) {
    Object.assign(attempt, { nextQueryAt: undefined, leaseUntil: 0 })
    attempt.state = 'CLOSED'
    settleIfEnded(state, attempt.order)
    return 'closed'
  }
  const contradicts = attempt.state !== 'CLOSED' && !wentBack(state, attempt)
  if (contradicts) openCase(state, 'contradiction', attempt.key)
  attempt.nextQueryAt = contradicts && entrance === 'notify' ? state.clock.at : undefined
  attempt.leaseUntil = 0
  return 'none'
}

function wentBack(state: State, attempt: Attempt): boolean {
  const sent = refundsOf(state, attempt).filter((refund) => refund.state !== 'RESERVED' && refund.state !== 'MANUAL')
  return sent.reduce((sum, { amountFen }) => sum + amountFen, 0) >= attempt.receivedFen
}

export function takeNotExist(state: State, attempt: Attempt): 'closed' | 'none' {
  const now = at(state.clock.at)
  const timeExpire = at(attempt.timeExpire)
  attempt.leaseUntil = 0
  if (!isLive(attempt)) {
    if (attempt.state !== 'CLOSED') openCase(state, 'contradiction', attempt.key)
    const next = attempt.state === 'CLOSED' ? state.rules.nextLookAt(timeExpire, now) : undefined
    attempt.nextQueryAt = next?.getTime()
    return 'none'
  }
  if (!state.rules.notExistCounts(timeExpire, now)) {
    askAgain(state, attempt, 'not_exist')
    return 'none'
  }
  const notExistAt = attempt.notExistAt === undefined ? undefined : at(attempt.notExistAt)
  attempt.notExistAt ??= state.clock.at
  if (!state.rules.notExistCloses({ timeExpire, graceMs: LIMITS.graceMs, gapMs: LIMITS.gapMs, now, notExistAt })) {
    askAgain(state, attempt, 'not_exist')
    return 'none'
  }
  attempt.state = 'CLOSED'
  attempt.nextQueryAt = state.rules.nextLookAt(timeExpire, now)?.getTime()
  settleIfEnded(state, attempt.order)
  return 'closed'
}

/** No word about money: nothing is released and nothing confirmed, and the question is asked again. */
export function takeSilence(state: State, attempt: Attempt, entrance: Entrance, answer: 'waiting' | 'unknown'): 'none' {
  if (isLive(attempt)) {
    if (entrance === 'notify' && answer === 'unknown') attempt.nextQueryAt = state.clock.at
    else askAgain(state, attempt, answer)
    return 'none'
  }
  const next =
    attempt.state === 'CLOSED' ? state.rules.nextLookAt(at(attempt.timeExpire), at(state.clock.at)) : undefined
  attempt.nextQueryAt = next?.getTime()
  attempt.leaseUntil = 0
  return 'none'
}

function askAgain(state: State, attempt: Attempt, answer: 'not_exist' | 'waiting' | 'unknown'): void {
  const next = state.rules.nextAskAt({
    timeExpire: at(attempt.timeExpire),
    graceMs: LIMITS.graceMs,
    gapMs: LIMITS.gapMs,
    openedAt: at(attempt.openedAt ?? attempt.createdAt),
    now: at(state.clock.at),
    answer,
    notExistAt: attempt.notExistAt === undefined ? undefined : at(attempt.notExistAt),
  })
  attempt.nextQueryAt = next.getTime()
  attempt.leaseUntil = 0
}
