import type { HouseCalendarView, NightsChange, NightView } from '@ihome/contract/schemas/calendars'
import { addDays, type CivilDate, type Stay } from '@ihome/core/calendar'
import { type Fen, toFen } from '@ihome/core/money'
import { type HousePrices, nightPrice } from '@ihome/core/pricing/price-stay'

/** What a host sees of one night. */
export interface CalendarDay {
  readonly date: CivilDate
  readonly priceFen: number
  /** True when its price is its own, not the house's or the weekend's. */
  readonly isOwnPrice: boolean
  readonly leastNights: number | null
  readonly closed: boolean
  readonly guest: string | undefined
  readonly imported: string | undefined
}

const within = (date: CivilDate, { start_date, end_date }: Stay): boolean => start_date <= date && date < end_date

const pricesOf = (view: HouseCalendarView): HousePrices => ({
  nightFen: toFen(view.price),
  weekendFen: view.weekend_price === null ? undefined : toFen(view.weekend_price),
  byNight: new Map(
    view.nights.flatMap(({ night, price }): [string, Fen][] => (price === null ? [] : [[night, toFen(price)]])),
  ),
})

/** Answers for single nights of a calendar. */
export function calendarDays(view: HouseCalendarView): (date: CivilDate) => CalendarDay {
  const prices = pricesOf(view)
  const nights = new Map(view.nights.map((night) => [night.night, night]))
  return (date) => {
    const own = nights.get(date)
    return {
      date,
      priceFen: nightPrice(prices, date),
      isOwnPrice: own !== undefined && own.price !== null,
      leastNights: own?.min_days ?? null,
      closed: own?.closed ?? false,
      guest: view.orders.find((order) => within(date, order))?.guest_name,
      imported: view.imported.find((stretch) => within(date, stretch))?.name,
    }
  }
}

type StandingOrder = HouseCalendarView['orders'][number]

/** Some days of a week on end: those of one order, or those between orders. */
export interface BarPart {
  readonly days: number
  readonly order: StandingOrder | undefined
  /** Whether its first, or last, night is one of these: it does not come from the week before, or go on in the next. */
  readonly begins: boolean
  readonly ends: boolean
}

/** The orders of a week as the bars that are drawn below its days; empty when there are none. */
export function barsOf(week: readonly (CivilDate | undefined)[], orders: readonly StandingOrder[]): BarPart[] {
  const parts: BarPart[] = []
  for (const date of week) {
    const order = date === undefined ? undefined : orders.find((standing) => within(date, standing))
    const ends = order !== undefined && date !== undefined && addDays(date, 1) === order.end_date
    const last = parts.at(-1)
    if (last && last.order?.order_id === order?.order_id)
      parts[parts.length - 1] = { ...last, days: last.days + 1, ends }
    else parts.push({ days: 1, order, begins: order !== undefined && order.start_date === date, ends })
  }
  return parts.some(({ order }) => order) ? parts : []
}

/** The changes that bring the nights of a stretch back to what they were in `before`. */
export function changesBack(before: readonly NightView[], { start_date, end_date }: Stay): NightsChange[] {
  const nights = new Map(before.map((night) => [night.night, night]))
  const changes: NightsChange[] = []
  for (let date = start_date; date < end_date; date = addDays(date, 1)) {
    const night = nights.get(date)
    const wish = { price: night?.price ?? null, min_days: night?.min_days ?? null, closed: night?.closed ?? false }
    const last = changes.at(-1)
    const isSame =
      last !== undefined && last.price === wish.price && last.min_days === wish.min_days && last.closed === wish.closed
    if (isSame) changes[changes.length - 1] = { ...last, end_date: addDays(date, 1) }
    else changes.push({ start_date: date, end_date: addDays(date, 1), ...wish })
  }
  return changes
}
