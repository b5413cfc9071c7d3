import { sql } from 'kysely'
import type { Db } from '../../platform/db.ts'

/** How many stays are held until their order is paid or over. */
export async function countHolds(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('stays')
    .select(sql<number>`count(*)::integer`.as('count'))
    .where('state', '=', 'held')
    .executeTakeFirstOrThrow()
  return count
}
