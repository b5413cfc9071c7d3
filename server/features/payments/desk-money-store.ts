import type { Db } from '../../platform/db.ts'

export const listDeskAttempts = (db: Db, orderId: number) =>
  db
    .selectFrom('payment_attempts')
    .select(['out_trade_no', 'state', 'disposition', 'amount_fen', 'received_fen', 'created_at'])
    .where('order_id', '=', orderId)
    .orderBy('id')
    .execute()

export const listDeskFacts = (db: Db, orderId: number) =>
  db
    .selectFrom('gateway_facts as f')
    .innerJoin('payment_attempts as a', 'a.id', 'f.attempt_id')
    .select(['f.entrance', 'f.kind', 'f.effect', 'f.trade_status', 'f.reject_reason', 'f.amount_fen', 'f.received_at'])
    .where('a.order_id', '=', orderId)
    .orderBy('f.id')
    .limit(500)
    .execute()

export const listDeskRefunds = (db: Db, orderId: number) =>
  db
    .selectFrom('refunds')
    .select(['out_request_no', 'reason', 'state', 'amount_fen', 'created_at', 'error'])
    .where('order_id', '=', orderId)
    .orderBy('id')
    .execute()
