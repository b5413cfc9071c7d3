import { sql } from 'kysely'
import type { Db } from '../../platform/db.ts'

export interface Balance {
  readonly account: string
  readonly ownerId: string | undefined
  /** Debit positive, credit negative, as in the entries. */
  readonly sumFen: number
}

/** Every account as it stood at the end of `at`; the sums add up to zero at any instant (promises L9). */
export async function trialBalance(db: Db, at: Date): Promise<Balance[]> {
  const rows = await db
    .selectFrom('ledger_transactions as t')
    .innerJoin('ledger_entries as e', 'e.tx_id', 't.id')
    .select(['e.account', 'e.owner_id', sql<number>`sum(e.amount_fen)::bigint`.as('sum')])
    .where('t.posted_at', '<=', at)
    .groupBy(['e.account', 'e.owner_id'])
    .orderBy('e.account')
    .orderBy('e.owner_id')
    .execute()
  return rows.map((row) => ({ account: row.account, ownerId: row.owner_id ?? undefined, sumFen: row.sum }))
}
