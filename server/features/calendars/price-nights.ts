import type { Stay } from '@ihome/core/calendar'
import { type Fen, toFen } from '@ihome/core/money'
import { type HousePrices, priceStay, type StayPrice } from '@ihome/core/pricing/price-stay'
import type { Db, Tx } from '../../platform/db.ts'
import type { LockedHouse } from '../houses/lock-house.ts'
import { listNightRules, listUnevenTotals, type NightRule } from './night-store.ts'

export interface StayTerms {
  readonly price: StayPrice
  /** The least nights of a stay that arrives on its first day. */
  readonly minNights: number
}

/** What this stay costs and asks for. The house is locked by the caller, so nobody changes its nights meanwhile. */
export async function termsOfStay(tx: Tx, house: LockedHouse, stay: Stay): Promise<StayTerms> {
  const rules = house.nightsSet ? await listNightRules(tx, house.id, stay) : []
  return {
    price: priceStay(housePrices(house.priceFen, house.weekendFen, rules), stay),
    minNights: rules.find(({ night }) => night === stay.start_date)?.min_days ?? house.minDays,
  }
}

/** The prices of a house as the rules of pricing take them. */
export function housePrices(priceFen: number, weekendFen: number | null, rules: readonly NightRule[]): HousePrices {
  const priced = rules.flatMap(({ night, price_fen }): [string, Fen][] =>
    price_fen === null ? [] : [[night, toFen(price_fen)]],
  )
  return {
    nightFen: toFen(priceFen),
    weekendFen: weekendFen === null ? undefined : toFen(weekendFen),
    byNight: new Map(priced),
  }
}

/** The nights whose price or least stay is their own, for a calendar. */
export async function ownNights(db: Db, houseId: number, stretch: Stay) {
  const rules = await listNightRules(db, houseId, stretch)
  return rules
    .filter(({ price_fen, min_days }) => price_fen !== null || min_days !== null)
    .map(({ night, price_fen, min_days }) => ({ night, price: price_fen, min_days }))
}

/** What the stay costs in those of the houses whose nights do not all cost the same. */
export async function unevenTotals(db: Db, houseIds: readonly number[], stay: Stay): Promise<Map<number, number>> {
  const rows = await listUnevenTotals(db, houseIds, stay)
  return new Map(rows.map(({ house_id, total_fen }) => [house_id, total_fen]))
}
