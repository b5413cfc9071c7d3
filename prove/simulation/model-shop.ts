import { ask, askDueAttempts, attemptDueAt, press } from './model-asking.ts'
import { accrueStays, act, earnedAt, moveDueOrders, orderDueAt, place } from './model-orders.ts'
import { applyFact, refundUnmatched, resumeNotices, unmatchedDueAt } from './model-payments.ts'
import { payOut, payoutDueAt } from './model-payouts.ts'
import { refundDueAt, sendDueRefunds } from './model-refunds.ts'
import { heldFen, type State } from './model-state.ts'
import { LIMITS, type Rules } from './rules.ts'
import { type Clock, Died, type Gateway, type HouseOfPlan, type Shop } from './world.ts'

export interface ModelShop extends Shop {
  readonly state: State
  /** When time alone makes something due next. */
  nextDue(): number | undefined
}

const MOST_ROUNDS = 1_000
const PREFIX = 'ihmodel_'

/** A shop in memory that keeps its books by the rules of core alone: no database, no network, no clock of its own. */
export function modelShop(world: {
  readonly clock: Clock
  readonly gateway: Gateway
  readonly houses: readonly HouseOfPlan[]
  readonly rules: Rules
  readonly paysOut: boolean
  readonly hit: (edge: string) => void
}): ModelShop {
  const state: State = {
    ...world,
    prefix: PREFIX,
    orders: new Map(),
    attempts: new Map(),
    refunds: [],
    postings: new Map(),
    payouts: [],
    disputed: new Set(),
    cases: new Map(),
    facts: new Map(),
    messages: new Set(),
  }
  return {
    state,
    prefix: PREFIX,
    place: async (key, wish) => place(state, key, wish),
    act: async (key, deed) => act(state, key, deed),
    async press(key) {
      const order = state.orders.get(key)
      return order && press(state, order)
    },
    async comeBack(outTradeNo) {
      const attempt = state.attempts.get(outTradeNo)
      if (!attempt || attempt.state === 'SUCCEEDED' || attempt.state === 'MISMATCH') return
      try {
        ask(state, attempt, 'return')
      } catch (error) {
        if (!(error instanceof Died)) throw error
      }
    },
    async hear(message) {
      try {
        applyFact(state, message)
      } catch (error) {
        if (!(error instanceof Died)) throw error
      }
    },
    async work() {
      // More rounds than there could be work for: something that is done stays due.
      for (let round = 0; workOnce(state) > 0; round += 1) if (round > MOST_ROUNDS) throw new Error('work without end')
    },
    nextDue: () => nextDue(state),
  }
}

/** The jobs, in the order in which the server has them. */
function workOnce(state: State): number {
  return (
    moveDueOrders(state) +
    askDueAttempts(state) +
    sendDueRefunds(state) +
    resumeNotices(state) +
    refundUnmatched(state) +
    accrueStays(state) +
    payOut(state)
  )
}

function nextDue(state: State): number | undefined {
  let next = Number.POSITIVE_INFINITY
  const consider = (at: number | undefined) => {
    if (at !== undefined && at < next) next = at
  }
  for (const order of state.orders.values()) {
    consider(orderDueAt(order))
    if (heldFen(state, order) > 0) consider(earnedAt(state, order))
  }
  for (const attempt of state.attempts.values()) consider(attemptDueAt(attempt))
  for (const refund of state.refunds) consider(refundDueAt(refund))
  for (const payout of state.payouts) consider(payoutDueAt(payout))
  for (const [kind, found] of state.cases) consider(unmatchedDueAt(kind, found))
  for (const { effect, receivedAt, message, retryAt } of state.facts.values()) {
    const at = Math.max(receivedAt + LIMITS.resumeAfterMs, retryAt ?? 0)
    // Later it waits for a refund of ours, which has a time of its own.
    if (!effect && message.entrance === 'notify' && at > state.clock.at) consider(at)
  }
  return Number.isFinite(next) ? next : undefined
}
