import type { Db } from '../../platform/db.ts'

/** The entries of an order's postings, oldest first. */
export const listPostingsOfOrder = (db: Db, orderId: number) =>
  db
    .selectFrom('ledger_transactions as t')
    .innerJoin('ledger_entries as e', 'e.tx_id', 't.id')
    .select(['t.event', 't.posted_at', 'e.account', 'e.amount_fen'])
    .where('t.order_id', '=', orderId)
    .orderBy('t.id')
    .orderBy('e.seq')
    .execute()
