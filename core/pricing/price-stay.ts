import { addDays, type CivilDate, countNights, type Stay, weekday } from '../calendar.ts'
import { addFen, type Fen, toFen } from '../money.ts'

/** What the nights of a house cost, from the most general to the most particular. */
export interface HousePrices {
  readonly nightFen: Fen
  /** For the nights that begin on a Friday or a Saturday. */
  readonly weekendFen?: Fen | undefined
  /** For single nights, whatever day they begin on. */
  readonly byNight?: ReadonlyMap<CivilDate, Fen> | undefined
}

export interface StayPrice {
  readonly nights: number
  /** The price of the house on an ordinary night. */
  readonly nightFen: Fen
  readonly totalFen: Fen
  /** Of every night, in their order. */
  readonly nightFens: readonly Fen[]
}

/** So many nights at one price, for the lines of a bill. */
export interface PriceLine {
  readonly nightFen: Fen
  readonly nights: number
}

const FRIDAY = 5
const SATURDAY = 6

/** True for the nights before a Saturday and before a Sunday. */
export const isWeekendNight = (night: CivilDate): boolean => [FRIDAY, SATURDAY].includes(weekday(night))

/** What the night that begins on `night` costs. */
export const nightPrice = (prices: HousePrices, night: CivilDate): Fen =>
  prices.byNight?.get(night) ?? (isWeekendNight(night) ? prices.weekendFen : undefined) ?? prices.nightFen

/** What a stay costs: the sum of its nights. It is exact, so page and server agree to the cent. */
export function priceStay(house: HousePrices | Fen, stay: Stay): StayPrice {
  const prices = typeof house === 'number' ? { nightFen: house } : house
  const nights = countNights(stay)
  const nightFens = Array.from({ length: Math.max(0, nights) }, (_, index) =>
    nightPrice(prices, addDays(stay.start_date, index)),
  )
  return {
    nights,
    nightFen: prices.nightFen,
    totalFen: nightFens.reduce((sum, fen) => addFen(sum, fen), toFen(0)),
    nightFens,
  }
}

/** The nights of a stay gathered by their price, in the order in which each price first comes. */
export function priceLines(nightFens: readonly Fen[]): PriceLine[] {
  const counts = new Map<Fen, number>()
  for (const fen of nightFens) counts.set(fen, (counts.get(fen) ?? 0) + 1)
  return [...counts].map(([nightFen, nights]) => ({ nightFen, nights }))
}
