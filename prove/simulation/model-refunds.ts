import { toFen } from '@ihome/core/money'
import { isUnderWay, recordExternal, settledFen } from './model-externals.ts'
import { type Attempt, closeCase, openCase, post, type Refund, refundsOf, type State } from './model-state.ts'
import { LIMITS } from './rules.ts'
import { type Answer, Died, type Message, type Said } from './world.ts'

const DAY_MS = 86_400_000
const REFUSED = 'refused:'

/** Promises money of this trade back; a job sends it. */
export function promiseBack(
  state: State,
  of: Attempt | { readonly outTradeNo: string },
  amountFen: number,
  reason: string,
): Refund {
  const attempt = 'key' in of ? of : undefined
  const outTradeNo = 'key' in of ? of.key : of.outTradeNo
  const refund: Refund = {
    key: `${state.prefix}r${state.refunds.length}`,
    attempt,
    outTradeNo,
    reason,
    amountFen,
    createdAt: state.clock.at,
    state: 'RESERVED',
    doneFen: 0,
    tries: 0,
    error: undefined,
    sentAt: undefined,
    lastQueryAt: undefined,
    nextTryAt: state.clock.at,
    leaseUntil: undefined,
    owner: undefined,
    settledAt: undefined,
  }
  state.refunds.push(refund)
  return refund
}

/** What of an attempt's money went back or is promised back; it counts from the creation of a refund. */
export const promisedFen = (state: State, attempt: Attempt): number =>
  refundsOf(state, attempt).reduce((sum, refund) => sum + (refund.state === 'VOID' ? 0 : refund.amountFen), 0)

/** Whose account what is owed back stands in: the order's, or the number's when there is none. */
const ownerOf = ({ attempt, outTradeNo }: Refund): string => (attempt ? String(attempt.order.key) : outTradeNo)

export function refundDueAt({ nextTryAt, leaseUntil }: Refund): number | undefined {
  return nextTryAt === undefined ? undefined : Math.max(nextTryAt, leaseUntil ?? 0)
}

/** Works once through the refunds that are due; gives on how many. */
export function sendDueRefunds(state: State): number {
  const now = state.clock.at
  const due = state.refunds
    .filter((refund) => (refundDueAt(refund) ?? Number.POSITIVE_INFINITY) <= now)
    .sort((one, other) => (one.nextTryAt ?? 0) - (other.nextTryAt ?? 0))
  let count = 0
  for (const refund of due) {
    try {
      if (workOn(state, refund)) count += 1
    } catch (error) {
      if (!(error instanceof Died)) throw error
      state.hit('E20')
    }
  }
  return count
}

function workOn(state: State, refund: Refund): boolean {
  const step = claim(state, refund)
  if (!step) return false
  const wish = { outTradeNo: refund.outTradeNo, outRequestNo: refund.key, amountFen: refund.amountFen }
  if (step === 'query' && record(state, refund, step, state.gateway.queryRefund(wish)) === 'done') return true
  record(state, refund, 'send', state.gateway.refund(wish))
  return true
}

function claim(state: State, refund: Refund): 'send' | 'query' | undefined {
  const now = state.clock.at
  const leaseUntil = now + LIMITS.leaseMs
  if (refund.state === 'SENT' || refund.state === 'UNKNOWN') {
    Object.assign(refund, { leaseUntil, state: 'UNKNOWN', lastQueryAt: now })
    return 'query'
  }
  if (refund.attempt && !refund.attempt.refundable) {
    handOver(state, refund, 'ACQ.TRADE_HAS_FINISHED')
    return undefined
  }
  if (waitsForGap(state, refund)) return undefined
  Object.assign(refund, { leaseUntil, state: 'SENT', sentAt: refund.sentAt ?? now, tries: refund.tries + 1 })
  return 'send'
}

/** Puts it off when the gateway was told of another refund of this trade too shortly before. */
function waitsForGap(state: State, refund: Refund): boolean {
  const now = state.clock.at
  const others = state.refunds.filter((other) => other !== refund && other.outTradeNo === refund.outTradeNo)
  const last = Math.max(
    ...others.flatMap((other) => [other.sentAt ?? 0, other.lastQueryAt ?? 0, other.leaseUntil ?? 0]),
  )
  if (last + state.rules.REFUND_GAP_MS <= now) return false
  state.hit('E29')
  Object.assign(refund, { nextTryAt: now + state.rules.REFUND_GAP_MS, leaseUntil: undefined })
  return true
}

type RefundAnswer = Answer<{ readonly outRequestNo: string; readonly amountFen: number }>

function record(state: State, refund: Refund, step: 'send' | 'query', answer: RefundAnswer): 'repeat' | 'done' {
  if (answer.kind === 'fact') {
    settle(state, refund)
    return 'done'
  }
  if (step === 'query') {
    if (answer.kind !== 'unknown' || answer.reason !== 'no_refund_record') return unclear(state, refund, 'silence')
    if (refund.error?.startsWith(REFUSED)) return handOver(state, refund, refund.error.slice(REFUSED.length))
    if (waitsForGap(state, refund)) return 'done'
    Object.assign(refund, { state: 'SENT', sentAt: refund.sentAt ?? state.clock.at, tries: refund.tries + 1 })
    return 'repeat'
  }
  if (answer.kind === 'refused') return afterRefusal(state, refund, answer.code)
  if (answer.kind === 'unknown') state.hit('E21')
  return unclear(state, refund, answer.kind === 'unknown' ? answer.reason : `${REFUSED}${answer.kind}`)
}

function unclear(state: State, refund: Refund, error: string): 'done' {
  const now = state.clock.at
  if (now - refund.createdAt >= DAY_MS) openCase(state, 'refund_manual', refund.key)
  const next = state.rules.nextRefundTryAt(refund.tries, new Date(now)).getTime()
  Object.assign(refund, { state: 'UNKNOWN', error, nextTryAt: next, leaseUntil: undefined })
  return 'done'
}

function settle(state: State, refund: Refund): void {
  Object.assign(refund, { nextTryAt: undefined, leaseUntil: undefined, error: undefined, settledAt: state.clock.at })
  refund.state = 'SUCCEEDED'
  refund.doneFen = refund.amountFen
  post(state, {
    key: `refund:${refund.key}`,
    event: 'refund',
    order: refund.attempt?.order,
    entries: state.rules.postings.refundSucceeded(ownerOf(refund), toFen(refund.amountFen)),
  })
  closeCase(state, 'refund_manual', refund.key)
}

function afterRefusal(state: State, refund: Refund, code: string): 'done' {
  const now = state.clock.at
  const next = state.rules.afterRefundRefusal(code)
  if (next === 'manual') {
    if (code === 'ACQ.TRADE_HAS_FINISHED' && refund.attempt) refund.attempt.refundable = false
    return handOver(state, refund, code)
  }
  const waits = next === 'wait_for_funds'
  if (waits) state.hit('E26')
  if (waits && now - refund.createdAt >= DAY_MS) return handOver(state, refund, code)
  const again = waits ? now + LIMITS.fundsRetryMs : state.rules.nextRefundTryAt(refund.tries, new Date(now)).getTime()
  Object.assign(refund, { nextTryAt: again, leaseUntil: undefined })
  refund.state = waits ? 'WAIT_FUNDS' : 'UNKNOWN'
  refund.error = waits ? code : `${REFUSED}${code}`
  return 'done'
}

function handOver(state: State, refund: Refund, code: string): 'done' {
  state.hit(code === 'ACQ.TRADE_HAS_FINISHED' ? 'E25' : 'E27')
  Object.assign(refund, { nextTryAt: undefined, leaseUntil: undefined, owner: 'operator', error: code })
  refund.state = 'MANUAL'
  openCase(state, 'refund_manual', refund.key)
  return 'done'
}

const askAbout = (state: State, refund: Refund): void => {
  if (refund.state === 'SUCCEEDED' || refund.state === 'VOID' || refund.state === 'EXTERNAL') return
  refund.state = 'UNKNOWN'
  refund.nextTryAt = state.clock.at
}

/** A message tells of money that went back; `later` while a refund of ours is under way. */
export function takeRefundFact(
  state: State,
  attempt: Attempt,
  { entrance }: Message,
  word: NonNullable<Said['refund']>,
): 'refund' | 'later' {
  const refunds = refundsOf(state, attempt)
  const own = refunds.find(({ key, number }) => word.outRequestNo && (number ?? key) === word.outRequestNo)
  if (own) {
    if (own.state !== 'SUCCEEDED') state.hit('E22')
    askAbout(state, own)
    return 'refund'
  }
  if (word.partFen !== undefined) return recordExternal(state, attempt, entrance, word, word.partFen, refunds)
  const settled = settledFen(refunds)
  if (word.totalFen !== undefined && word.totalFen <= settled) return 'refund'
  if (refunds.some(isUnderWay)) {
    return entrance === 'notify' ? 'later' : 'refund'
  }
  if (word.totalFen !== undefined)
    return recordExternal(state, attempt, entrance, word, word.totalFen - settled, refunds)
  openCase(state, 'contradiction', attempt.key)
  return 'refund'
}
