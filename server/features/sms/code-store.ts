import { sql } from 'kysely'
import type { Db, Tx } from '../../platform/db.ts'

/** What a code opens: each purpose has codes of its own. */
export type CodePurpose = 'register' | 'login' | 'reset' | 'step_up' | 'phone_change'

export interface NewCode {
  readonly requestId: string
  readonly sessionDigest: Buffer
  readonly phoneDigest: Buffer
  readonly phoneMask: string
  readonly purpose: CodePurpose
  /** Null for a message without a code. */
  readonly codeDigest: Buffer | null
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** Makes this the one live code of its phone and purpose; an older one is void. */
export async function replaceCode(tx: Tx, code: NewCode): Promise<void> {
  await tx
    .updateTable('sms_codes')
    .set({ voided_at: code.createdAt })
    .where('phone_digest', '=', code.phoneDigest)
    .where('purpose', '=', code.purpose)
    .where('used_at', 'is', null)
    .where('voided_at', 'is', null)
    .execute()
  await tx
    .insertInto('sms_codes')
    .values({
      request_id: code.requestId,
      session_digest: code.sessionDigest,
      phone_digest: code.phoneDigest,
      phone_mask: code.phoneMask,
      purpose: code.purpose,
      code_digest: code.codeDigest,
      created_at: code.createdAt,
      expires_at: code.expiresAt,
    })
    .execute()
}

export interface TriedCode {
  readonly id: number
  readonly requestId: string
  readonly codeDigest: Buffer | null
  readonly tries: number
}

/** Counts a try of the live code, before it is looked at; nothing when there is none or all its tries are gone. */
export async function countTry(
  db: Db,
  wish: {
    readonly phoneDigests: readonly Buffer[]
    readonly purpose: CodePurpose
    readonly now: Date
    readonly most: number
  },
): Promise<TriedCode | undefined> {
  const row = await db
    .updateTable('sms_codes')
    .set(({ eb }) => ({ tries: eb('tries', '+', 1) }))
    .where('phone_digest', 'in', wish.phoneDigests)
    .where('purpose', '=', wish.purpose)
    .where('used_at', 'is', null)
    .where('voided_at', 'is', null)
    .where('expires_at', '>', wish.now)
    .where('tries', '<', wish.most)
    .returning(['id', 'request_id', 'code_digest', 'tries'])
    .executeTakeFirst()
  return row && { id: row.id, requestId: row.request_id, codeDigest: row.code_digest, tries: row.tries }
}

/** Uses a code up that was tried rightly; false when somebody else did so meanwhile. */
export async function takeCode(db: Db, id: number, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('sms_codes')
    .set({ used_at: now })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .where('voided_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** The last try was wrong: the code is used up. */
export async function voidCode(db: Db, id: number, now: Date): Promise<void> {
  await db
    .updateTable('sms_codes')
    .set({ voided_at: now })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .where('voided_at', 'is', null)
    .execute()
}

/** Notes that the message was taken, or that it was not and the code is void. */
export async function noteSending(tx: Tx, requestId: string, state: 'sent' | 'failed', now: Date): Promise<void> {
  await tx
    .updateTable('sms_codes')
    .set(
      state === 'sent'
        ? { sent_at: now }
        : {
            failed_at: now,
            voided_at: sql<Date | null>`case when used_at is null then coalesce(voided_at, ${now}) end`,
          },
    )
    .where('request_id', '=', requestId)
    .execute()
}

export interface AskedCode {
  readonly phoneDigest: Buffer
  readonly expiresAt: Date
  readonly state: 'queued' | 'sent' | 'failed'
}

/** How the sending goes, for the session that asked. */
export async function findRequest(
  db: Db | Tx,
  requestId: string,
  sessionDigest?: Buffer,
): Promise<AskedCode | undefined> {
  const row = await db
    .selectFrom('sms_codes')
    .select(['phone_digest', 'expires_at', 'sent_at', 'failed_at'])
    .where('request_id', '=', requestId)
    .$if(sessionDigest !== undefined, (query) => query.where('session_digest', '=', sessionDigest ?? Buffer.of()))
    .executeTakeFirst()
  return (
    row && {
      phoneDigest: row.phone_digest,
      expiresAt: row.expires_at,
      state: row.sent_at ? 'sent' : row.failed_at ? 'failed' : 'queued',
    }
  )
}

/** Drops codes made before `before`; answers how many. */
export async function dropOldCodes(db: Db, before: Date, limit: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('sms_codes')
    .where('id', 'in', (query) =>
      query.selectFrom('sms_codes').select('id').where('created_at', '<', before).limit(limit).forUpdate().skipLocked(),
    )
    .executeTakeFirst()
  return Number(numDeletedRows)
}
