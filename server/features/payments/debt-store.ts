import { sql } from 'kysely'
import type { Db, Tx } from '../../platform/db.ts'

/**
 * What of the host's debt an order made and nobody has written off: never more than the host owes now, since later
 * payouts net debts whatever order they came from.
 */
export async function debtOfOrder(
  db: Db | Tx,
  order: { readonly id: number; readonly hostId: number },
): Promise<number> {
  const { rows } = await sql<{ made: number; owed: number }>`
    select coalesce(sum(e.amount_fen) filter (
             where t.order_id = ${order.id} and t.event in ('clawback', 'external_refund', 'writeoff')), 0)::bigint as made,
           coalesce(sum(e.amount_fen), 0)::bigint as owed
      from ledger_entries e join ledger_transactions t on t.id = e.tx_id
     where e.account = 'HOST_RECEIVABLE' and e.owner_id = ${String(order.hostId)}`.execute(db)
  const { made = 0, owed = 0 } = rows[0] ?? {}
  return Math.max(0, Math.min(made, owed))
}
