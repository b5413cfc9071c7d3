import { sql } from 'kysely'
import { brokenConstraint, type Db } from '../../platform/db.ts'

/** After which heart a list goes on. */
export interface HeartPlace {
  readonly at: string
  readonly houseId: number
}

/** The homes that the person keeps, the newest heart first. */
export async function listHearts(db: Db, userId: number, limit: number, after?: HeartPlace): Promise<HeartPlace[]> {
  const from = after ? sql`and (created_at, house_id) < (${after.at}::timestamptz, ${after.houseId}::bigint)` : sql``
  const { rows } = await sql<HeartPlace>`
    select created_at::text as at, house_id as "houseId" from favourites where user_id = ${userId} ${from}
    order by created_at desc, house_id desc limit ${limit}::integer`.execute(db)
  return rows
}

/**
 * Sets a heart, once; a second one changes nothing. Gives false when the person has `most` already, and undefined for a
 * home that does not exist. Two at the limit at once may both be set: the limit keeps lists readable, nothing more.
 */
export async function insertHeart(
  db: Db,
  heart: { readonly userId: number; readonly houseId: number; readonly at: Date; readonly most: number },
): Promise<boolean | undefined> {
  const { userId, houseId, at, most } = heart
  try {
    const { rows } = await sql<{ count: number; known: boolean; set: boolean }>`
      with question as (
        select count(*)::integer as count, coalesce(bool_or(house_id = ${houseId}), false) as known
        from favourites where user_id = ${userId}
      ), heart as (
        insert into favourites (user_id, house_id, created_at)
        select ${userId}::bigint, ${houseId}::bigint, ${at}::timestamptz from question where count < ${most}
        on conflict do nothing returning 1
      )
      select count, known, exists (select 1 from heart) as set from question`.execute(db)
    const row = rows[0]
    return !!row && (row.known || row.count < most)
  } catch (error) {
    if (brokenConstraint(error) === 'favourites_house_id_fkey') return undefined
    throw error
  }
}

export async function deleteHeart(db: Db, userId: number, houseId: number): Promise<void> {
  await db.deleteFrom('favourites').where('user_id', '=', userId).where('house_id', '=', houseId).execute()
}

export async function deleteHeartsOf(db: Db, userId: number): Promise<void> {
  await db.deleteFrom('favourites').where('user_id', '=', userId).execute()
}
