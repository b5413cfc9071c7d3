import type { Tx } from '../../platform/db.ts'

/**
 * Takes every home of a host who leaves off the market, and throws away what was never published. Locks the homes, so
 * that a booking under way ends first. Answers their ids.
 */
export async function leaveMarket(tx: Tx, hostId: number, now: Date): Promise<number[]> {
  await tx.deleteFrom('house_drafts').where('user_id', '=', hostId).execute()
  const homes = await tx
    .selectFrom('houses')
    .select('id')
    .where('user_id', '=', hostId)
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()
  await tx
    .updateTable('houses')
    .set({ listed: false, updated_at: now })
    .where('user_id', '=', hostId)
    .where('listed', '=', true)
    .execute()
  return homes.map(({ id }) => id)
}
