import { addDays, type CivilDate, dayInShanghai, instantInShanghai } from '@ihome/core/calendar'
import { checkInAt, checkOutAt } from '@ihome/core/orders/steps'
import { CANCEL_NOTES, COMMENTS, HOST_CANCEL_NOTES, REJECT_REASONS } from './content/words.ts'
import type { Dice } from './dice.ts'
import { holdsNights, isUnpaid, type OrderPlan, type Outcome, type PlannedHouse } from './order-plan.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** Nobody may have more unpaid live orders than this; the seed leaves room for one more (promises O6). */
const UNPAID_MOST = 2

const later = (at: Date, ms: number): Date => new Date(at.getTime() + ms)

/** A house with its rules of stay, as the calendar is filled. */
export interface BookableHouse extends PlannedHouse {
  readonly since: CivilDate
  readonly minDays: number
  readonly maxDays: number
}

/** An order that the demo tells a story with, placed before chance fills the rest. Days count from today. */
export interface FixedOrder {
  readonly house: BookableHouse
  readonly guestId: number
  readonly startsIn: number
  readonly nights: number
  readonly outcome: Outcome
}

/**
 * An order about which something happened yesterday. Its nights are the first free ones from some weeks ahead, so that it
 * takes nothing from what chance has planned, and it is made without dice.
 */
export interface RecentOrder {
  readonly house: BookableHouse
  readonly guestId: number
  readonly nights: number
  readonly outcome: { readonly kind: 'paid' } | Extract<Outcome, { kind: 'refunded' | 'withdrawn' }>
  /** The hour of yesterday, in Shanghai, at which it happened; at most 22, so that no clock moves it into today. */
  readonly hour: number
}

export interface OrderPlanning {
  readonly dice: Dice
  readonly now: Date
  /** Guests whom chance may give an order. */
  readonly guests: readonly number[]
  readonly fixed: readonly FixedOrder[]
  readonly recent: readonly RecentOrder[]
  /** How many orders each house has, or undefined to fill calendars as they come. */
  readonly perHouse: number | undefined
}

/** Every order of the seed, the earliest placed first, so that numbers rise with time. */
export function planOrders(houses: readonly BookableHouse[], planning: OrderPlanning): OrderPlan[] {
  const unpaid = new Map<number, number>()
  const plans = planning.fixed.map((order) => fixedPlan(order, planning))
  for (const { guestId, outcome } of plans) if (isUnpaid(outcome)) count(unpaid, guestId)
  const holding = plans.filter((plan) => holdsNights(plan.outcome))
  for (const house of houses) {
    const own = holding.filter((plan) => plan.house.id === house.id)
    for (const stay of stayOut(house, planning)) {
      if (own.some((plan) => stay.start < plan.end && plan.start < stay.end)) continue
      plans.push(chancePlan(house, stay, planning, unpaid))
    }
  }
  for (const order of planning.recent) plans.push(recentPlan(order, plans, planning.now))
  return plans.sort((one, other) => one.createdAt.getTime() - other.createdAt.getTime())
}

const count = (counts: Map<number, number>, key: number) => counts.set(key, (counts.get(key) ?? 0) + 1)

interface Nights {
  readonly start: CivilDate
  readonly end: CivilDate
}

/** How far ahead people have booked. */
const AHEAD_DAYS = 75

/**
 * Stays of one house one after another, with days between, from its first offer to some weeks ahead. None ends today:
 * at noon a job would begin to change what the seed has just written.
 */
function* stayOut(house: BookableHouse, { dice, now, perHouse }: OrderPlanning): Generator<Nights> {
  const today = dayInShanghai(now)
  const wanted = perHouse ?? Number.POSITIVE_INFINITY
  const begin = perHouse === undefined ? addDays(house.since, 3) : addDays(today, -460)
  const longest = Math.min(house.maxDays || 6, 6)
  let start = addDays(begin, dice.int(0, 6))
  for (let made = 0; made < wanted && start < addDays(today, 2 * AHEAD_DAYS); ) {
    if (perHouse === undefined && start > addDays(today, AHEAD_DAYS)) return
    const nights = Math.max(house.minDays, Math.min(longest, dice.pick([1, 1, 2, 2, 2, 3, 3, 4, 5])))
    const end = addDays(start, nights)
    if (end !== today && start !== today) {
      made += 1
      yield { start, end }
    }
    start = addDays(end, gapAfter(house, end, { dice, today, perHouse }))
  }
}

/** People book near weeks more than far ones, and some homes more than others. */
function gapAfter(
  house: BookableHouse,
  end: CivilDate,
  { dice, today, perHouse }: { dice: Dice; today: CivilDate; perHouse: number | undefined },
): number {
  if (perHouse !== undefined) return dice.int(12, 32)
  const liking = 1 + (house.id % 4)
  return end < today ? dice.int(2, 9 * liking) : dice.int(0, 4 + liking)
}

function chancePlan(
  house: BookableHouse,
  { start, end }: Nights,
  planning: OrderPlanning,
  unpaid: Map<number, number>,
): OrderPlan {
  const { dice, now } = planning
  const today = dayInShanghai(now)
  const guestId = dice.pick(planning.guests)
  let outcome: Outcome = { kind: 'paid' }
  if (end < today) outcome = pastOutcome(dice, end, today)
  else if (start > today && (unpaid.get(guestId) ?? 0) < UNPAID_MOST) outcome = nextOutcome(dice)
  if (isUnpaid(outcome)) count(unpaid, guestId)
  return timed({ house, guestId, start, end, guestCount: dice.int(1, house.capacity), outcome }, planning)
}

/** How an order ended whose nights are over. Within the days for commenting it may still wait for one. */
function pastOutcome(dice: Dice, end: CivilDate, today: CivilDate): Outcome {
  const throwOf100 = dice.int(1, 100)
  if (throwOf100 <= 4) return { kind: 'rejected', reason: dice.pick(REJECT_REASONS) }
  if (throwOf100 <= 6) return { kind: 'unanswered' }
  if (throwOf100 <= 9) return { kind: 'withdrawn', note: dice.pick(CANCEL_NOTES) }
  if (throwOf100 <= 11) return { kind: 'unpaid', cashierOpened: dice.chance(0.5) }
  if (throwOf100 <= 12) return { kind: 'called_off_by_host', note: dice.pick(HOST_CANCEL_NOTES) }
  if (throwOf100 <= 15) return { kind: 'refunded', note: dice.pick(CANCEL_NOTES) }
  if (throwOf100 <= 16) return { kind: 'paid_too_late' }
  const mayStillComment = addDays(end, 15) >= today
  const comment = dice.chance(0.72) ? dice.pick(COMMENTS) : undefined
  if (mayStillComment && (comment === undefined || end >= addDays(today, -2))) return { kind: 'waits_for_comment' }
  return { kind: 'complete', comment }
}

function nextOutcome(dice: Dice): Outcome {
  const throwOf100 = dice.int(1, 100)
  if (throwOf100 <= 8) return { kind: 'waits_for_host' }
  if (throwOf100 <= 11) return { kind: 'waits_for_payment' }
  if (throwOf100 <= 15) return { kind: 'withdrawn', note: dice.pick(CANCEL_NOTES) }
  if (throwOf100 <= 18) return { kind: 'rejected', reason: dice.pick(REJECT_REASONS) }
  return { kind: 'paid' }
}

function fixedPlan({ house, guestId, startsIn, nights, outcome }: FixedOrder, planning: OrderPlanning): OrderPlan {
  const start = addDays(dayInShanghai(planning.now), startsIn)
  const guestCount = Math.min(2, house.capacity)
  return timed({ house, guestId, start, end: addDays(start, nights), guestCount, outcome }, planning)
}

const RECENT_STARTS_IN = 33

/**
 * Yesterday is as late as money of the seed can be: the gateway never saw it, and the bill of the first day that a shop
 * lives through must show what its books do.
 */
function recentPlan(
  { house, guestId, nights, outcome, hour }: RecentOrder,
  plans: readonly OrderPlan[],
  now: Date,
): OrderPlan {
  const today = dayInShanghai(now)
  const own = plans.filter((plan) => plan.house.id === house.id && holdsNights(plan.outcome))
  let start = addDays(today, RECENT_STARTS_IN)
  while (own.some((plan) => start < plan.end && plan.start < addDays(start, nights))) start = addDays(start, 1)
  const happened = later(instantInShanghai(addDays(today, -1), hour), (house.id % 50) * MINUTE_MS)
  const paidAt = outcome.kind === 'paid' ? happened : later(happened, -26 * HOUR_MS)
  const answeredAt = outcome.kind === 'withdrawn' ? happened : later(paidAt, -25 * MINUTE_MS)
  return {
    house,
    guestId,
    start,
    end: addDays(start, nights),
    guestCount: Math.min(2, house.capacity),
    outcome,
    createdAt: later(answeredAt, -3 * HOUR_MS),
    answeredAt,
    paidAt,
    completedAt: happened,
  }
}

type Untimed = Omit<OrderPlan, 'createdAt' | 'answeredAt' | 'paidAt' | 'completedAt'>

/**
 * Gives an order its instants. They follow from the days alone, so that a seed gives the same rows all day long; only
 * orders that wait for somebody count from the hour, because their windows are short.
 */
function timed(plan: Untimed, { dice, now }: OrderPlanning): OrderPlan {
  const today = dayInShanghai(now)
  const yesterday = addDays(today, -1)
  const hour = new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS)
  const answerMs = dice.int(5, 240) * MINUTE_MS
  const payMs = dice.int(3, 100) * MINUTE_MS
  if (isUnpaid(plan.outcome)) {
    const waitsMs = { waits_for_host: dice.int(0, 9), waits_for_payment: dice.int(1, 5), closing: 4 }
    const kind = plan.outcome.kind as keyof typeof waitsMs
    const createdAt = later(hour, -waitsMs[kind] * HOUR_MS)
    // Time to open the cashier and to change one's mind before this hour; the window itself still runs.
    const answeredAt = kind === 'closing' ? later(hour, -15 * MINUTE_MS) : hour
    return { ...plan, createdAt, answeredAt, paidAt: hour, completedAt: hour }
  }
  const wished = addDays(plan.start, -dice.int(2, 24))
  const placedOn = wished < yesterday ? wished : addDays(yesterday, -1)
  const placedIn =
    placedOn < dayInShanghai(plan.house.createdAt) ? dayInShanghai(later(plan.house.createdAt, 24 * HOUR_MS)) : placedOn
  const createdAt = later(instantInShanghai(placedIn, dice.int(8, 16)), dice.int(0, 59) * MINUTE_MS)
  const answeredAt = later(createdAt, answerMs)
  const paidAt = later(answeredAt, payMs)
  return { ...plan, createdAt, answeredAt, paidAt, completedAt: completedAt(plan, paidAt, today, dice) }
}

/** When the comment came, when the order completed without one, or when a paid order was cancelled. */
function completedAt(plan: Untimed, paidAt: Date, today: CivilDate, dice: Dice): Date {
  const inTime = { status: 'PAID' as const, start_date: plan.start, end_date: plan.end }
  const startOfToday = instantInShanghai(today, 0)
  if (plan.outcome.kind === 'refunded') {
    const cancelled = later(checkInAt(inTime), -dice.int(10, 110) * HOUR_MS)
    return cancelled > paidAt ? cancelled : later(paidAt, 20 * MINUTE_MS)
  }
  const left = checkOutAt(inTime)
  if (plan.outcome.kind === 'complete' && plan.outcome.comment === undefined) return later(left, 15 * 24 * HOUR_MS)
  const commented = later(left, dice.int(3, 200) * HOUR_MS)
  return commented < startOfToday ? commented : later(left, 3 * HOUR_MS)
}
