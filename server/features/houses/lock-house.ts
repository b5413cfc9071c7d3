import type { Tx } from '../../platform/db.ts'
import { prepared } from '../../platform/prepared-statements.ts'

/** What a booking needs to know of the house it has locked. */
export interface LockedHouse {
  readonly id: number
  readonly hostId: number
  readonly title: string
  readonly priceFen: number
  readonly weekendFen: number | null
  /** True when some nights have rules of their own, to be read with `nightRules`. */
  readonly nightsSet: boolean
  readonly minDays: number
  /** 0 means no limit of the house. */
  readonly maxDays: number
  readonly capacity: number
  readonly listed: boolean
  /** Guests book at once, without waiting for the host. */
  readonly instant: boolean
  /** Name of the rule by which guests of this house cancel. */
  readonly cancelPolicy: string
}

/**
 * Locks the house first, before its orders, so that rivals queue here instead of meeting in the exclusion constraint.
 * `for no key update`, since a plain update lock would make every insert that refers to the house wait as well.
 * Undefined when there is no such house.
 */
export async function lockHouse(tx: Tx, houseId: number): Promise<LockedHouse | undefined> {
  const row = await tx
    .selectFrom('houses')
    .modifyFront(prepared('lock_house'))
    .select([
      'id',
      'user_id',
      'title',
      'price_fen',
      'weekend_price_fen',
      'nights_set',
      'min_days',
      'max_days',
      'capacity',
      'listed',
      'instant',
      'cancel_policy',
    ])
    .where('id', '=', houseId)
    .forNoKeyUpdate()
    .executeTakeFirst()
  return (
    row && {
      id: row.id,
      hostId: row.user_id,
      title: row.title,
      priceFen: row.price_fen,
      weekendFen: row.weekend_price_fen,
      nightsSet: row.nights_set,
      minDays: row.min_days,
      maxDays: row.max_days,
      capacity: row.capacity,
      listed: row.listed,
      instant: row.instant,
      cancelPolicy: row.cancel_policy,
    }
  )
}

/** As {@link lockHouse}, but undefined also for a house that is no longer offered. */
export async function lockListedHouse(tx: Tx, houseId: number): Promise<LockedHouse | undefined> {
  const house = await lockHouse(tx, houseId)
  return house?.listed ? house : undefined
}
