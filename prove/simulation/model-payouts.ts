import { netDebt, payoutReturned, payoutSucceeded } from '@ihome/core/ledger/payout-postings'
import { toFen } from '@ihome/core/money'
import {
  frozenReason,
  nextLookAfterSuccess,
  nextPayoutTryAt,
  PROMISED_STATES,
  payoutNotBefore,
} from '@ihome/core/payouts/payout-plan'
import { OPEN_REFUNDS } from './model-externals.ts'
import { creditOf, hostOf } from './model-sources.ts'
import { accountSum, type Payout, post, type State } from './model-state.ts'
import { LIMITS } from './rules.ts'
import { Died } from './world.ts'

/** The jobs of payouts, in the order in which the server has them; gives how much they did. */
export function payOut(state: State): number {
  if (!state.paysOut) return 0
  let count = openPayouts(state)
  for (const payout of state.payouts) {
    if ((payoutDueAt(payout) ?? Number.POSITIVE_INFINITY) > state.clock.at) continue
    count += 1
    if (payout.state === 'ACCRUED') {
      schedule(state, payout)
      continue
    }
    try {
      send(state, payout)
    } catch (error) {
      if (!(error instanceof Died)) throw error
      state.hit('E33')
    }
  }
  return count
}

export const payoutDueAt = ({ nextTryAt, leaseUntil }: Payout): number | undefined =>
  nextTryAt === undefined ? undefined : Math.max(nextTryAt, leaseUntil)

function openPayouts(state: State): number {
  let count = 0
  for (const { key, event, order, entries } of [...state.postings.values()]) {
    if (!order || (event !== 'accrue' && event !== 'cancel')) continue
    const earnedFen = -(entries.find(({ account }) => account === 'HOST_PAYABLE')?.amountFen ?? 0)
    if (earnedFen <= 0 || state.payouts.some(({ earnedKey }) => earnedKey === key)) continue
    open(state, { earnedKey: key, order, earnedFen, notBefore: payoutNotBefore(order).getTime() })
    count += 1
  }
  return count
}

function open(state: State, of: Pick<Payout, 'earnedKey' | 'order' | 'earnedFen'> & { notBefore: number }): void {
  const { notBefore, ...what } = of
  state.payouts.push({
    ...what,
    key: `${state.prefix}p${what.order.key}_${state.payouts.length}`,
    state: 'ACCRUED',
    amountFen: 0,
    tries: 0,
    nextTryAt: Math.max(notBefore, state.clock.at),
    leaseUntil: 0,
    sentAt: undefined,
    settledAt: undefined,
  })
}

/** True when it has to wait, and is looked at again later. */
function isFrozen(state: State, payout: Payout): boolean {
  const { order } = payout
  const reason = frozenReason({
    isHeld: state.disputed.has(order.key),
    hasOpenRefund: state.refunds.some(
      (refund) => refund.attempt?.order === order && OPEN_REFUNDS.includes(refund.state),
    ),
    isHostVerified: true,
    hasPayee: true,
  })
  if (!reason) return false
  if (reason === 'dispute') state.hit('E31')
  payout.nextTryAt = state.clock.at + LIMITS.frozenLookMs
  return true
}

/** What is promised to the host in payouts that are not settled; one left out. */
export const promisedToHost = (state: State, host: string, except?: Payout): number =>
  state.payouts.reduce(
    (sum, payout) =>
      sum +
      (payout !== except && hostOf(payout.order) === host && PROMISED_STATES.includes(payout.state)
        ? payout.amountFen
        : 0),
    0,
  )

function schedule(state: State, payout: Payout): void {
  if (isFrozen(state, payout)) return
  const { order } = payout
  const host = hostOf(order)
  const owed = 0 - accountSum(state, 'HOST_PAYABLE', host)
  const earned = Math.max(0, Math.min(payout.earnedFen, creditOf(state, order)))
  const debt = accountSum(state, 'HOST_RECEIVABLE', host)
  const { amount, netted } = state.rules.planPayout(toFen(earned), owed - promisedToHost(state, host), debt)
  payout.amountFen = amount
  if (amount === 0) Object.assign(payout, { settledAt: state.clock.at, nextTryAt: undefined })
  else payout.state = 'SCHEDULED'
  if (netted > 0) post(state, { key: `netting:${payout.key}`, event: 'netting', order, entries: netDebt(host, netted) })
}

function send(state: State, payout: Payout): void {
  const now = state.clock.at
  const isAsked = payout.state === 'SENT' || payout.state === 'UNKNOWN' || payout.state === 'SUCCEEDED'
  if (!isAsked && isFrozen(state, payout)) return
  payout.leaseUntil = now + LIMITS.leaseMs
  if (isAsked) {
    if (payout.state !== 'SUCCEEDED') payout.state = 'UNKNOWN'
    const answer = state.gateway.queryTransfer(payout.key)
    if (answer.kind !== 'not_exist' || payout.state === 'SUCCEEDED') {
      record(state, payout, answer)
      return
    }
  }
  Object.assign(payout, { state: 'SENT', tries: payout.tries + 1, sentAt: payout.sentAt ?? now })
  record(state, payout, state.gateway.transfer(payout.key, payout.amountFen))
}

function record(state: State, payout: Payout, answer: ReturnType<State['gateway']['queryTransfer']>): void {
  const now = state.clock.at
  payout.leaseUntil = 0
  const { order } = payout
  const host = hostOf(order)
  const look = () => nextLookAfterSuccess(new Date(payout.settledAt ?? now), new Date(now))?.getTime()
  if (answer.kind !== 'fact') {
    state.hit('E33')
    if (payout.state !== 'SUCCEEDED') payout.state = 'UNKNOWN'
    payout.nextTryAt = nextPayoutTryAt(payout.tries, new Date(now)).getTime()
    return
  }
  const entries = (make: typeof payoutSucceeded) => make(host, toFen(payout.amountFen))
  if (payout.state !== 'SUCCEEDED') {
    Object.assign(payout, { state: 'SUCCEEDED', settledAt: now })
    post(state, { key: `payout:${payout.key}`, event: 'payout', order, entries: entries(payoutSucceeded) })
  }
  payout.nextTryAt = look()
  if (answer.fact.state === 'success') return
  state.hit('E33')
  Object.assign(payout, { state: 'RETURNED', settledAt: now, nextTryAt: undefined })
  post(state, {
    key: `payout_returned:${payout.key}`,
    event: 'payout_returned',
    order,
    entries: entries(payoutReturned),
  })
  // The host is asked for another account, which counts three days later.
  const earnedFen = payout.amountFen
  open(state, { earnedKey: `returned:${payout.key}`, order, earnedFen, notBefore: now + LIMITS.payeeChangeMs })
}
