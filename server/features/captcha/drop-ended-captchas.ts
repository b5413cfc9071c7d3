import type { Db } from '../../platform/db.ts'

/** Drops captchas that ended before `before`; answers how many. */
export async function dropEndedCaptchas(db: Db, before: Date, limit: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('captchas')
    .where('id', 'in', (query) =>
      query.selectFrom('captchas').select('id').where('expires_at', '<', before).limit(limit).forUpdate().skipLocked(),
    )
    .executeTakeFirst()
  return Number(numDeletedRows)
}
