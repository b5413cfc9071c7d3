import { addDays, countNights, dayInShanghai } from '@ihome/core/calendar'
import { type Fen, lessFen, toFen } from '@ihome/core/money'
import {
  type Actor,
  type CloseReason,
  canStillBePaid,
  type OrderStep,
  STAY_OF_STATUS,
  UNPAID_STATUSES,
} from '@ihome/core/orders/lifecycle'
import { checkInAt, checkOutAt } from '@ihome/core/orders/stay-times'
import type { Canceller } from '@ihome/core/orders/steps'
import { promiseBack, promisedFen } from './model-refunds.ts'
import { appliedTo, hostOf, refundPart, takeBack } from './model-sources.ts'
import { heldFen, liveAttempt, type Order, post, type State } from './model-state.ts'
import { LIMITS } from './rules.ts'
import type { Deed, Shop } from './world.ts'

const overlaps = (one: { start_date: string; end_date: string }, other: { start_date: string; end_date: string }) =>
  one.start_date < other.end_date && other.start_date < one.end_date

export function place(state: State, key: number, wish: Parameters<Shop['place']>[1]): boolean {
  const { clock, rules, orders } = state
  const house = state.houses[wish.house]
  const now = new Date(clock.at)
  const today = dayInShanghai(now)
  const stay = { start_date: wish.start, end_date: wish.end }
  if (!house || orders.has(key) || wish.start < today || wish.end <= wish.start) return false
  if (wish.start > addDays(today, LIMITS.horizonDays)) return false
  const all = [...orders.values()]
  const unpaid = all.filter(({ guest, status }) => guest === wish.guest && UNPAID_STATUSES.includes(status))
  if (unpaid.length >= LIMITS.openOrders) return false
  if (all.some((other) => other.house === wish.house && other.stay !== 'released' && overlaps(other, stay))) {
    state.hit('E41')
    return false
  }
  if (wish.start === today && dayInShanghai(new Date(clock.at + 10_000)) !== today) state.hit('E37')
  const status = house.instant ? 'WAIT_PAYMENT' : 'WAIT_ACCEPT'
  orders.set(key, {
    key,
    guest: wish.guest,
    house: wish.house,
    ...stay,
    amountFen: house.priceFen * countNights(stay),
    acceptBy: rules.acceptBy(now, wish.start, LIMITS.windows).getTime(),
    createdAt: clock.at,
    status,
    closeReason: undefined,
    stay: 'held',
    payBy: house.instant ? rules.payBy(now, wish.start, LIMITS.windows).getTime() : undefined,
    paidAt: undefined,
    checkedOutAt: undefined,
    counted: 0,
    way: house.instant ? ['WAIT_ACCEPT', 'WAIT_PAYMENT'] : ['WAIT_ACCEPT'],
  })
  return true
}

/** Moves an order along its graph, with its nights. False when that is not possible from here. */
export function move(state: State, order: Order, step: OrderStep, by: Actor, closeReason?: CloseReason): boolean {
  const to = state.rules.nextStatus(order.status, step, by)
  if (!to || (step === 'pay' && !canStillBePaid(order.status, order.closeReason))) return false
  if (step === 'pay') {
    order.paidAt = state.clock.at
    order.closeReason = undefined
    for (const side of ['guest', 'host']) state.messages.add(`paid:${order.key}:${side}`)
  }
  if (step === 'close' || step === 'cancel') order.closeReason = closeReason
  if (step === 'check_out') order.checkedOutAt = state.clock.at
  if (to === 'COMPLETE') order.counted += 1
  order.status = to
  order.stay = STAY_OF_STATUS[to]
  order.way.push(to)
  return true
}

export function act(state: State, key: number, deed: Parameters<Shop['act']>[1]): boolean {
  const order = state.orders.get(key)
  if (!order) return false
  const now = new Date(state.clock.at)
  const { rules } = state
  switch (deed.do) {
    case 'accept': {
      const inTime = state.clock.at < order.acceptBy && order.start_date >= dayInShanghai(now)
      if (!inTime || !rules.mayStep(order, 'accept', 'host', now)) return false
      order.payBy = rules.payBy(now, order.start_date, LIMITS.windows).getTime()
      return move(state, order, 'accept', 'host')
    }
    case 'reject':
      return rules.mayStep(order, 'reject', 'host', now) && move(state, order, 'reject', 'host')
    case 'check_out':
      return rules.mayStep(order, 'check_out', 'guest', now) && move(state, order, 'check_out', 'guest')
    case 'comment':
      return rules.mayStep(order, 'comment', 'guest', now) && move(state, order, 'comment', 'guest')
    case 'cancel':
      return cancel(state, order, deed)
    case 'dispute':
      if (deed.ends) return state.disputed.delete(key)
      state.disputed.add(key)
      return true
    case 'part':
      return refundPart(state, order, deed.share)
  }
}

const ENDABLE: readonly string[] = ['WAIT_ACCEPT', 'WAIT_PAYMENT', 'PAID']

function cancel(state: State, order: Order, { by }: Extract<Deed, { do: 'cancel' }>): boolean {
  const now = new Date(state.clock.at)
  const may = by === 'system' ? ENDABLE.includes(order.status) : state.rules.mayStep(order, 'cancel', by, now)
  if (!may) return false
  const refund = order.status === 'PAID' ? dueBack(state, order, by, now) : undefined
  const mayBePaid = order.status === 'WAIT_PAYMENT' && liveAttempt(state, order) !== undefined
  const actor = by === 'system' ? 'operator' : by
  if (!move(state, order, mayBePaid ? 'close' : 'cancel', actor, by)) return false
  if (refund !== undefined) divide(state, order, by, refund)
  return true
}

function dueBack(state: State, order: Order, by: Canceller, now: Date): Fen {
  const attempt = appliedTo(state, order)
  const returned = toFen(attempt ? promisedFen(state, attempt) : 0)
  const { rules } = state
  if (by === 'guest') {
    const leftMs = checkInAt(order).getTime() - now.getTime()
    if (rules.cancelRule.tiers.some(({ hours }) => Math.abs(leftMs - hours * 3_600_000) <= 1_000)) state.hit('E37')
  }
  const paid = { order, rule: rules.cancelRule, amount: toFen(order.amountFen), returned }
  return rules.refundIfCancelled(paid, by, now)
}

function divide(state: State, order: Order, by: Canceller, refund: Fen): void {
  const attempt = appliedTo(state, order)
  if (!attempt) throw new Error(`order ${order.key} is paid by no attempt`)
  const held = toFen(heldFen(state, order))
  // The host has been credited, so nothing is held any more.
  if (refund > held) {
    takeBack(state, order, attempt, refund, `${by}_cancel`)
    return
  }
  if (refund > 0) promiseBack(state, attempt, refund, `${by}_cancel`)
  if (held === 0) return
  const kept = state.rules.hostShare(lessFen(held, refund), LIMITS.feeRates)
  post(state, {
    key: `cancel:${order.key}`,
    event: 'cancel',
    order,
    entries: state.rules.postings.cancelPaid(String(order.key), hostOf(order), refund, kept),
  })
}

/** When time alone moves this order next. */
export function orderDueAt(order: Order): number | undefined {
  if (order.status === 'WAIT_ACCEPT') return order.acceptBy
  if (order.status === 'WAIT_PAYMENT') return order.payBy
  if (order.status === 'PAID') return checkOutAt(order).getTime()
  if (order.status === 'WAIT_COMMENT') return (order.checkedOutAt ?? 0) + LIMITS.completeAfterMs
  return undefined
}

/** Moves every order whose time has come; gives how many. */
export function moveDueOrders(state: State): number {
  let count = 0
  for (const order of state.orders.values()) {
    const due = orderDueAt(order)
    if (due === undefined || due > state.clock.at) continue
    if (order.status === 'WAIT_ACCEPT') move(state, order, 'cancel', 'system', 'expired')
    else if (order.status === 'WAIT_PAYMENT') {
      move(state, order, liveAttempt(state, order) ? 'close' : 'cancel', 'system', 'expired')
    } else move(state, order, order.status === 'PAID' ? 'check_out' : 'complete', 'system')
    count += 1
  }
  return count
}

const DAY_MS = 86_400_000
const EARNING: readonly string[] = ['PAID', 'WAIT_COMMENT', 'COMPLETE']

/** When the money of this order is earned; undefined when it is booked already or never will be. */
export function earnedAt(state: State, order: Order): number | undefined {
  if (!EARNING.includes(order.status)) return undefined
  for (const { event, order: of } of state.postings.values()) {
    if (of === order && (event === 'accrue' || event === 'cancel')) return undefined
  }
  return checkInAt(order).getTime() + DAY_MS
}

/** Books what hosts have earned; gives how many stays. */
export function accrueStays(state: State): number {
  let count = 0
  for (const order of state.orders.values()) {
    const due = earnedAt(state, order)
    const held = heldFen(state, order)
    if (due === undefined || due > state.clock.at || held <= 0) continue
    const share = state.rules.hostShare(toFen(held), LIMITS.feeRates)
    const entries = state.rules.postings.accrue(String(order.key), hostOf(order), share)
    post(state, { key: `accrue:${order.key}`, event: 'accrue', order, entries })
    count += 1
  }
  return count
}
