import { sql } from 'kysely'
import type { Db, Tx } from '../../platform/db.ts'

export type CaseKind =
  | 'unmatched'
  | 'mismatch'
  | 'refund_manual'
  | 'contradiction'
  | 'misconfigured'
  | 'overdue_attempt'
  | 'bill_late'
  | 'bill_difference'

export interface NewCase {
  readonly kind: CaseKind
  /** The number it is about; one open case per kind and subject. */
  readonly subject: string
  readonly orderId?: number | undefined
  readonly note?: string | undefined
}

const DAY_MS = 24 * 3_600_000

/** Asks a person to look. Asking again while the case is open adds nothing. */
export async function openCase(db: Db | Tx, wish: NewCase, now: Date): Promise<void> {
  await db
    .insertInto('cases')
    .values({
      kind: wish.kind,
      subject: wish.subject,
      order_id: wish.orderId ?? null,
      note: wish.note ?? null,
      opened_at: now,
      due_at: new Date(now.getTime() + DAY_MS),
    })
    .onConflict((conflict) => conflict.columns(['kind', 'subject']).where('state', '=', sql.lit('open')).doNothing())
    .execute()
}

export async function closeCase(tx: Db | Tx, kind: CaseKind, subject: string, now: Date): Promise<void> {
  await tx
    .updateTable('cases')
    .set({ state: 'closed', closed_at: now })
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .where('state', '=', 'open')
    .execute()
}

/** Unmatched money that nobody has claimed since `before`. */
export function listOldUnmatched(db: Db, before: Date, limit: number) {
  return db
    .selectFrom('cases')
    .select(['id', 'subject'])
    .where('kind', '=', 'unmatched')
    .where('state', '=', 'open')
    .where('opened_at', '<=', before)
    .orderBy('opened_at')
    .limit(limit)
    .execute()
}

/** True when the case is still open and nobody else is working on it; it is locked then. */
export async function lockOpenCase(tx: Tx, id: number): Promise<boolean> {
  const row = await tx
    .selectFrom('cases')
    .select('id')
    .where('id', '=', id)
    .where('state', '=', 'open')
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  return row !== undefined
}
