import type { Db } from '../../platform/db.ts'
import type { CaptchaKind } from './captcha-text.ts'

export async function insertCaptcha(db: Db, id: string, kind: CaptchaKind, expiresAt: Date): Promise<void> {
  await db.insertInto('captchas').values({ id, kind, expires_at: expiresAt }).execute()
}

/** Counts a showing of a live picture; false when there is none, or when it was shown `most` times. */
export async function countShowing(db: Db, id: string, now: Date, most: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('captchas')
    .set(({ eb }) => ({ shown: eb('shown', '+', 1) }))
    .where('id', '=', id)
    .where('kind', '=', 'picture')
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .where('shown', '<', most)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Uses a live captcha up, for whoever comes first; gives its kind, or nothing when there is none. */
export async function takeCaptcha(db: Db, id: string, now: Date): Promise<CaptchaKind | undefined> {
  const row = await db
    .updateTable('captchas')
    .set({ used_at: now })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('kind')
    .executeTakeFirst()
  return row?.kind as CaptchaKind | undefined
}
