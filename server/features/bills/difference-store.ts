import type { Difference, DifferenceKind } from '@ihome/core/bills/bill'
import type { CivilDate } from '@ihome/core/calendar'
import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from '../../platform/db.ts'
import type { BillDifferences } from '../../platform/db-types.ts'

export type DifferenceState = 'found' | 'asked' | 'fixed' | 'open' | 'resolved'
export type KeptDifference = Omit<Selectable<BillDifferences>, 'kind' | 'state'> & {
  readonly kind: DifferenceKind
  readonly state: DifferenceState
}

const differences = (db: Db | Tx) =>
  db.selectFrom('bill_differences').selectAll().$narrowType<Pick<KeptDifference, 'kind' | 'state'>>()

export const listDifferences = (db: Db | Tx, day: CivilDate): Promise<KeptDifference[]> =>
  differences(db).where('day', '=', day).orderBy('id').execute()

export const lockDifference = (tx: Tx, id: number): Promise<KeptDifference | undefined> =>
  differences(tx).where('id', '=', id).forUpdate().executeTakeFirst()

const BATCH = 500

/** Names what was found. What was named before keeps its state and its note. */
export async function insertDifferences(
  tx: Tx,
  day: CivilDate,
  found: readonly Difference[],
  now: Date,
): Promise<void> {
  for (let at = 0; at < found.length; at += BATCH) {
    await tx
      .insertInto('bill_differences')
      .values(
        found.slice(at, at + BATCH).map((one) => ({
          day,
          kind: one.kind,
          subject: one.subject,
          line_no: one.lineNo,
          out_trade_no: one.outTradeNo,
          request_no: one.requestNo,
          order_id: one.orderId,
          ours_fen: one.oursFen,
          theirs_fen: one.theirsFen,
          found_at: now,
        })),
      )
      .onConflict((conflict) => conflict.columns(['day', 'kind', 'subject']).doNothing())
      .execute()
  }
}

export interface DifferenceChange {
  readonly state: DifferenceState
  readonly note?: string | null
  readonly owner?: string
  readonly asked_at?: Date
  readonly settled_at?: Date | null
}

export async function saveDifference(tx: Db | Tx, id: number, change: DifferenceChange): Promise<void> {
  await tx.updateTable('bill_differences').set(change).where('id', '=', id).execute()
}

/** How many of the day's wait for a person, and how many for the program. */
export async function countWaiting(tx: Db | Tx, day: CivilDate): Promise<{ open: number; unasked: number }> {
  return tx
    .selectFrom('bill_differences')
    .select([
      sql<number>`count(*) filter (where state = 'open')::integer`.as('open'),
      sql<number>`count(*) filter (where state in ('found', 'asked'))::integer`.as('unasked'),
    ])
    .where('day', '=', day)
    .executeTakeFirstOrThrow()
}

/** How many of all days nobody has ended yet. */
export async function countUnsettled(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('bill_differences')
    .select(sql<number>`count(*)::integer`.as('count'))
    .where('state', 'in', ['found', 'asked', 'open'])
    .executeTakeFirstOrThrow()
  return count
}
