import type { CivilDate, Stay } from '@ihome/core/calendar'
import type { Db, Tx } from '../../platform/db.ts'

/** What a host says of one night; what is null or false is as the house is. */
export interface NightRule {
  readonly night: CivilDate
  readonly price_fen: number | null
  readonly min_days: number | null
  readonly closed: boolean
}

/** The nights of a stretch that have rules of their own, earliest first. */
export const listNightRules = (db: Db | Tx, houseId: number, { start_date, end_date }: Stay): Promise<NightRule[]> =>
  db
    .selectFrom('house_nights')
    .select(['night', 'price_fen', 'min_days', 'closed'])
    .where('house_id', '=', houseId)
    .where('night', '>=', start_date)
    .where('night', '<', end_date)
    .orderBy('night')
    .execute()
