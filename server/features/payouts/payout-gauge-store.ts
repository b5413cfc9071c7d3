import { sql } from 'kysely'
import type { Db } from '../../platform/db.ts'

/** How many payouts stand in this state. */
export async function countPayoutsIn(db: Db, state: 'UNKNOWN' | 'RETRY' | 'MANUAL'): Promise<number> {
  const { count } = await db
    .selectFrom('payouts')
    .select(sql<number>`count(*)::integer`.as('count'))
    .where('state', '=', state)
    .executeTakeFirstOrThrow()
  return count
}
