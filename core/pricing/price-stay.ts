import { countNights, type Stay } from '../calendar.ts'
import { type Fen, timesFen } from '../money.ts'

export interface StayPrice {
  readonly nights: number
  readonly nightFen: Fen
  readonly totalFen: Fen
}

/** What a stay costs: every night at the house's price. The total is exact, so page and server agree to the cent. */
export function priceStay(nightFen: Fen, stay: Stay): StayPrice {
  const nights = countNights(stay)
  return { nights, nightFen, totalFen: timesFen(nightFen, nights) }
}
