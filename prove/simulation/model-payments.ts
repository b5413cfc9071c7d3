import { toFen } from '@ihome/core/money'
import { settleIfEnded, takeClosed, takeNotExist, takeSilence } from './model-ends.ts'
import { move } from './model-orders.ts'
import { promiseBack, takeRefundFact } from './model-refunds.ts'
import { type Attempt, accountSum, closeCase, openCase, post, type State } from './model-state.ts'
import { LIMITS } from './rules.ts'
import { Died, type Effect, type Message, type Said } from './world.ts'

/** The one function behind every entrance; gives what the message did. */
export function applyFact(state: State, message: Message): Effect {
  const key = `${message.entrance} ${message.noticeId}`
  const earlier = state.facts.get(key)
  if (earlier?.effect) {
    state.hit('E19')
    return earlier.effect
  }
  if (!earlier) state.facts.set(key, { message, receivedAt: state.clock.at, effect: undefined })
  return actOn(state, key, message)
}

function actOn(state: State, key: string, told: Message): Effect {
  const fact = state.facts.get(key)
  if (fact) fact.retryAt = state.clock.at + LIMITS.resumeAfterMs
  const message = withRefundPart(state, told)
  if (!message) return 'none'
  const attempt = state.attempts.get(message.outTradeNo)
  const outcome = attempt
    ? (foreignTrade(state, attempt, message) ?? take(state, attempt, message))
    : unmatched(state, message)
  if (outcome === 'later') return 'none'
  const kept = state.facts.get(key)
  // What was refused gives its id free for a right one.
  if (outcome === 'rejected') state.facts.delete(key)
  else if (kept) kept.effect = outcome
  return outcome
}

/** A number that is none of ours is asked about by itself; undefined while the gateway is silent. */
function withRefundPart(state: State, message: Message): Message | undefined {
  const { says, outTradeNo } = message
  const number = says.kind === 'trade' ? says.fact.refund?.outRequestNo : undefined
  if (says.kind !== 'trade' || !says.fact.refund || number === undefined) return message
  if (!state.attempts.has(outTradeNo) || state.refunds.some(({ key, number: own }) => (own ?? key) === number))
    return message
  const wish = { outTradeNo, outRequestNo: number, amountFen: says.fact.refund.totalFen ?? 0 }
  const answer = state.gateway.queryRefund(wish)
  if (answer.kind === 'unknown') return answer.reason === 'no_refund_record' ? message : undefined
  if (answer.kind !== 'fact') return message
  const refund = { ...says.fact.refund, partFen: answer.fact.amountFen }
  return { ...message, says: { ...says, fact: { ...says.fact, refund } } }
}

/** Finishes messages that had to wait; gives how many it finished. */
export function resumeNotices(state: State): number {
  let count = 0
  for (const [key, { message, receivedAt, effect }] of [...state.facts]) {
    if (effect || message.entrance !== 'notify' || receivedAt + LIMITS.resumeAfterMs > state.clock.at) continue
    try {
      if (actOn(state, key, message) !== 'none') count += 1
    } catch (error) {
      if (!(error instanceof Died)) throw error
      state.hit('E20')
    }
  }
  return count
}

function foreignTrade(state: State, attempt: Attempt, { says, entrance }: Message): Effect | undefined {
  const tradeNo = says.kind === 'trade' ? says.fact.tradeNo : undefined
  if (tradeNo === undefined) return undefined
  let owner: Attempt | undefined
  for (const other of state.attempts.values()) if (other.tradeNo === tradeNo) owner = other
  if (owner ? owner === attempt : attempt.tradeNo === undefined) return undefined
  openCase(state, 'contradiction', attempt.key)
  if (entrance !== 'notify') takeSilence(state, attempt, entrance, 'unknown')
  return 'rejected'
}

function take(state: State, attempt: Attempt, message: Message): Effect | 'later' {
  const { says, entrance } = message
  if (says.kind === 'closed') return takeClosed(state, attempt, entrance)
  if (says.kind === 'not_exist') return takeNotExist(state, attempt)
  if (says.kind === 'unknown') return takeSilence(state, attempt, entrance, 'unknown')
  const { fact } = says
  if (fact.money === 'closed') return takeClosed(state, attempt, entrance)
  if (fact.money === 'waiting') return takeSilence(state, attempt, entrance, 'waiting')
  const effect = takeMoney(state, attempt, message, fact)
  if (!fact.refund) return effect
  if (effect === 'none') state.hit('E23')
  const refund = takeRefundFact(state, attempt, message, fact.refund)
  return refund === 'later' || effect === 'none' ? refund : effect
}

function takeMoney(state: State, attempt: Attempt, message: Message, fact: Said): Effect {
  const effect = takePaid(state, attempt, message, fact)
  if (fact.finished) {
    state.hit('E24')
    attempt.refundable = false
  }
  if (effect !== 'mismatch') settleIfEnded(state, attempt.order)
  return effect
}

function takePaid(state: State, attempt: Attempt, message: Message, fact: Said): Effect {
  const { order } = attempt
  const receivedFen = fact.amountFen ?? 0
  const decision = state.rules.decidePaid({
    attempt: { state: attempt.state, amountFen: attempt.amountFen },
    order: { status: order.status, closeReason: order.closeReason, stayHeld: order.stay === 'held' },
    receivedFen,
  })
  if (decision === 'nothing') {
    if (message.entrance !== 'notify') Object.assign(attempt, { nextQueryAt: undefined, leaseUntil: 0 })
    return 'none'
  }
  if (decision === 'mismatch') return takeWrongAmount(state, attempt, message, fact, receivedFen)
  if (message.entrance === 'notify') state.hit('E01')
  else state.hit('E02')
  tellEdge(state, attempt, decision)
  Object.assign(attempt, {
    tradeNo: fact.tradeNo,
    receivedFen: attempt.amountFen,
    leaseUntil: 0,
    nextQueryAt: undefined,
  })
  attempt.state = 'SUCCEEDED'
  attempt.disposition = decision === 'apply' ? 'APPLIED' : 'SURPLUS'
  const owner = String(order.key)
  const amount = toFen(attempt.amountFen)
  const { postings } = state.rules
  if (decision === 'apply') {
    if (!move(state, order, 'pay', 'gateway')) throw new Error(`order ${order.key} cannot be paid`)
    post(state, { key: `pay:${attempt.key}`, event: 'pay_applied', order, entries: postings.payApplied(owner, amount) })
    return 'applied'
  }
  promiseBack(state, attempt, attempt.amountFen, 'surplus')
  post(state, { key: `pay:${attempt.key}`, event: 'pay_surplus', order, entries: postings.paySurplus(owner, amount) })
  return 'surplus'
}

function tellEdge(state: State, { order }: Attempt, decision: string): void {
  const { status, closeReason } = order
  if (decision === 'apply') {
    if (status === 'CLOSING') state.hit('E04')
    if (order.payBy !== undefined && state.clock.at === order.payBy) state.hit('E42')
    return
  }
  if (status === 'CLOSING') state.hit(closeReason === 'host' ? 'E06' : 'E05')
  else if (status !== 'CANCELED') state.hit('E03')
  else state.hit(isSoldAgain(state, order) ? 'E07' : 'E08')
}

function isSoldAgain(state: State, order: Attempt['order']): boolean {
  for (const other of state.orders.values()) {
    const sameNights = other.start_date < order.end_date && order.start_date < other.end_date
    if (other !== order && other.house === order.house && sameNights && other.stay !== 'released') return true
  }
  return false
}

function takeWrongAmount(state: State, attempt: Attempt, message: Message, fact: Said, receivedFen: number): Effect {
  const now = state.clock.at
  state.hit('E17')
  openCase(state, 'mismatch', attempt.key)
  const toldBefore = attempt.told.includes(receivedFen)
  attempt.told.push(receivedFen)
  attempt.leaseUntil = 0
  if (message.entrance === 'notify' || !toldBefore) {
    attempt.nextQueryAt = message.entrance === 'notify' ? now : now + LIMITS.confirmAmountMs
    return 'mismatch'
  }
  const { order } = attempt
  const amount = toFen(receivedFen)
  Object.assign(attempt, { tradeNo: fact.tradeNo, receivedFen, nextQueryAt: undefined })
  attempt.state = 'MISMATCH'
  attempt.disposition = 'SURPLUS'
  promiseBack(state, attempt, receivedFen, 'mismatch')
  const { postings } = state.rules
  post(state, {
    key: `pay:${attempt.key}`,
    event: 'pay_suspense',
    order,
    entries: postings.paySuspense(attempt.key, amount),
  })
  post(state, {
    key: `suspense:${attempt.key}`,
    event: 'suspense_to_refund',
    order,
    entries: postings.suspenseToRefund(attempt.key, String(order.key), amount),
  })
  settleIfEnded(state, order)
  return 'mismatch'
}

function unmatched(state: State, { outTradeNo, says }: Message): Effect {
  state.hit('E18')
  if (!outTradeNo.startsWith(state.prefix)) return 'foreign'
  if (says.kind !== 'trade' || says.fact.money !== 'paid' || !says.fact.amountFen) return 'none'
  const own = state.refunds.find(({ key }) => key === says.fact.refund?.outRequestNo)
  if (own) {
    if (own.state !== 'SUCCEEDED') Object.assign(own, { state: 'UNKNOWN', nextTryAt: state.clock.at })
    return 'refund'
  }
  const entries = state.rules.postings.paySuspense(outTradeNo, toFen(says.fact.amountFen))
  if (!post(state, { key: `unmatched:${outTradeNo}`, event: 'pay_suspense', order: undefined, entries })) return 'none'
  openCase(state, 'unmatched', outTradeNo)
  return 'unmatched'
}

const DAY_MS = 86_400_000
const UNMATCHED = 'unmatched '

/** When money that nobody could match is promised back. */
export const unmatchedDueAt = (kind: string, { open, openedAt }: { open: boolean; openedAt: number }) =>
  open && kind.startsWith(UNMATCHED) ? openedAt + DAY_MS : undefined

export function refundUnmatched(state: State): number {
  let count = 0
  for (const [key, found] of state.cases) {
    const due = unmatchedDueAt(key, found)
    if (due === undefined || due > state.clock.at) continue
    const outTradeNo = key.slice(UNMATCHED.length)
    const held = 0 - accountSum(state, 'SUSPENSE', outTradeNo)
    promiseBack(state, { outTradeNo }, held, 'unmatched')
    const entries = state.rules.postings.suspenseToRefund(outTradeNo, outTradeNo, toFen(held))
    post(state, { key: `suspense:${outTradeNo}`, event: 'suspense_to_refund', order: undefined, entries })
    closeCase(state, 'unmatched', outTradeNo)
    count += 1
  }
  return count
}
