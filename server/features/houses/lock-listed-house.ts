import type { Tx } from '../../platform/db.ts'

/** What a booking must know of a house. */
export interface BookableHouse {
  readonly id: number
  readonly hostId: number
  readonly priceFen: number
  readonly minDays: number
  /** 0 means no limit of the house. */
  readonly maxDays: number
  readonly capacity: number
}

/**
 * Locks the house until the transaction ends and reads it as it is then. Undefined when there is none or it is no
 * longer listed. It is the first lock of every booking and every move of an order (promises 5).
 */
export async function lockListedHouse(tx: Tx, houseId: number): Promise<BookableHouse | undefined> {
  return await tx
    .selectFrom('houses')
    .select([
      'id',
      'user_id as hostId',
      'price_fen as priceFen',
      'min_days as minDays',
      'max_days as maxDays',
      'capacity',
    ])
    .where('id', '=', houseId)
    .where('listed', '=', true)
    .forNoKeyUpdate()
    .executeTakeFirst()
}
