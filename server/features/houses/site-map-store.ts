import type { Db } from '../../platform/db.ts'

/** Zero when there is no house. */
export async function highestHouseId(db: Db): Promise<number> {
  const row = await db
    .selectFrom('houses')
    .select(({ fn }) => fn.max('id').as('id'))
    .executeTakeFirst()
  return Number(row?.id ?? 0)
}

export const listedHousesFrom = (db: Db, from: number, below: number) =>
  db
    .selectFrom('houses')
    .select(['id', 'updated_at'])
    .where('listed', '=', true)
    .where('id', '>=', from)
    .where('id', '<', below)
    .orderBy('id')
    .execute()
