import type { CivilDate, Stay } from '@ihome/core/calendar'
import type { Db } from '../../platform/db.ts'

/** The stays of the house that still hold nights after `from`, earliest first. */
export function bookedNights(db: Db, houseId: number, from: CivilDate): Promise<Stay[]> {
  return db
    .selectFrom('stays')
    .select(['start_date', 'end_date'])
    .where('house_id', '=', houseId)
    .where('state', 'in', ['held', 'confirmed'])
    .where('end_date', '>', from)
    .orderBy('start_date')
    .execute()
}
