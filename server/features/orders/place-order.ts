import { addDays, countNights, dayInShanghai, isCivilDate, type Stay } from '@ihome/core/calendar'
import type { Fen } from '@ihome/core/money'
import { ruleOf } from '@ihome/core/orders/cancel-rule'
import { acceptBy, payBy } from '@ihome/core/orders/deadlines'
import type { Clock } from '../../platform/clock.ts'
import type { Config } from '../../platform/config.ts'
import type { Tx } from '../../platform/db.ts'
import { Refusal } from '../../platform/refusal.ts'
import { assertVerified } from '../accounts/verified.ts'
import { termsOfStay } from '../calendars/price-nights.ts'
import { lockListedHouse } from '../houses/lock-house.ts'
import { lockGuest } from './lock-guest.ts'
import { insertOrder } from './place-order-store.ts'

export interface BookingWish extends Stay {
  readonly guest_id: number
  readonly house_id: number
  readonly guest_count: number
  /** What the guest saw as the price of the whole stay. */
  readonly expected_amount_fen?: number | undefined
}

export interface PlacedOrder {
  readonly order_id: number
  /** WAIT_PAYMENT where the house is booked at once. */
  readonly status: 'WAIT_ACCEPT' | 'WAIT_PAYMENT'
  readonly days: number
  readonly amount: Fen
}

export interface BookingNeeds {
  readonly clock: Clock
  readonly config: Pick<Config, 'limits'> & Partial<Pick<Config, 'requireRealNameToBook'>>
  /** The lock on the house; a test takes it away to show what it keeps from happening. */
  readonly lockHouse?: typeof lockListedHouse
}

/**
 * Holds the nights for the guest until the host answers, or, where the host lets guests book at once, until the guest
 * has paid. One transaction, in which the nights are checked and taken
 * under the lock of the house; the price is computed here and kept with the order.
 *
 * Says no, in this order, with `dates_invalid`, `not_verified` (where a setting asks for a real name),
 * `house_not_found`, `own_house`, `stay_too_short`, `stay_too_long`,
 * `too_many_guests`, `price_changed` (with the price of now), `too_many_open_orders`, `dates_taken`.
 */
export async function placeOrder(tx: Tx, needs: BookingNeeds, wish: BookingWish): Promise<PlacedOrder> {
  const now = needs.clock.now()
  const { limits } = needs.config
  refuseImpossibleDates(wish, dayInShanghai(now), limits.horizonDays)

  // First the guest, then the house, and nobody takes a guest's lock while holding a house: so a guest's parallel
  // requests for different houses are counted one after the other, and no two bookings can wait for each other.
  await lockGuest(tx, wish.guest_id)
  if (needs.config.requireRealNameToBook) await assertVerified(tx, wish.guest_id)
  // Rival guests queue at the house; each then sees what the one before took and is told at once. Without the queue
  // they meet inside the exclusion constraint, where PostgreSQL ends some as deadlocks after seconds (promises 2).
  const house = await (needs.lockHouse ?? lockListedHouse)(tx, wish.house_id)
  if (!house) throw new Refusal('house_not_found')
  if (house.hostId === wish.guest_id) throw new Refusal('own_house')

  const longest = house.maxDays || limits.nightsMax
  if (countNights(wish) > longest) throw new Refusal('stay_too_long', { max_days: longest })
  const { price, minNights } = await termsOfStay(tx, house, wish)
  if (price.nights < minNights) throw new Refusal('stay_too_short', { min_days: minNights })
  if (wish.guest_count > house.capacity) throw new Refusal('too_many_guests', { capacity: house.capacity })
  if (wish.expected_amount_fen !== undefined && wish.expected_amount_fen !== price.totalFen) {
    throw new Refusal('price_changed', { house_price: price.nightFen, days: price.nights, amount: price.totalFen })
  }

  const windows = { acceptHours: limits.acceptWindowMinutes / 60, payMinutes: limits.paymentWindowMinutes }
  const until = house.instant ? payBy(now, wish.start_date, windows) : undefined
  const status = until ? 'WAIT_PAYMENT' : 'WAIT_ACCEPT'
  const orderId = await insertOrder(tx, {
    ...wish,
    host_id: house.hostId,
    price,
    status,
    cancelRule: ruleOf(house.cancelPolicy),
    acceptBy: acceptBy(now, wish.start_date, windows),
    pay: until && { payBy: until, holdUntil: new Date(until.getTime() + limits.closingGraceS * 1_000) },
    openOrdersMost: limits.openOrdersPerGuest,
    now,
  })
  return { order_id: orderId, status, days: price.nights, amount: price.totalFen }
}

function refuseImpossibleDates({ start_date, end_date }: Stay, today: string, horizonDays: number): void {
  const refuse = (reason: string) => new Refusal('dates_invalid', { reason })
  if (!isCivilDate(start_date) || !isCivilDate(end_date)) throw refuse('not_a_day')
  if (start_date < today) throw refuse('past')
  if (end_date <= start_date) throw refuse('end_not_after_start')
  if (start_date > addDays(today, horizonDays)) throw refuse('beyond_horizon')
}
