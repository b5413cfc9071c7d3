import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'

/** Whether a host has money to come, or owes some. */
export async function hasOpenBalance(tx: Tx, hostId: number): Promise<boolean> {
  const rows = await tx
    .selectFrom('ledger_entries')
    .select('account')
    .where('account', 'in', ['HOST_PAYABLE', 'HOST_RECEIVABLE'])
    .where('owner_id', '=', String(hostId))
    .groupBy('account')
    .having(sql<boolean>`sum(amount_fen) <> 0`)
    .execute()
  return rows.length > 0
}
