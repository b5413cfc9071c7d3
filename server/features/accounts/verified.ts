import type { Db, Tx } from '../../platform/db.ts'
import { Refusal } from '../../platform/refusal.ts'

/** Whether the person has passed the real-name check. */
export async function isVerified(db: Db | Tx, userId: number): Promise<boolean> {
  const row = await db
    .selectFrom('users')
    .select('verified_at')
    .where('id', '=', userId)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()
  return row !== undefined && row.verified_at !== null
}

/** For everything that only verified people may do. Says no with `not_verified`. */
export async function assertVerified(db: Db | Tx, userId: number): Promise<void> {
  if (!(await isVerified(db, userId))) throw new Refusal('not_verified')
}
