import type { DeskRefundQuery } from '@ihome/contract/schemas/refunds'
import { sql } from 'kysely'
import type { Db } from '../../platform/db.ts'
import type { DeskSpan } from '../../platform/desk-page.ts'

const ORDER_NUMBER = /^\d{1,15}$/

const matching = (db: Db, { q, state }: DeskRefundQuery) =>
  db
    .selectFrom('refunds as r')
    .leftJoin('payment_attempts as a', 'a.id', 'r.attempt_id')
    .$if(state !== undefined, (query) => query.where('r.state', '=', state ?? ''))
    .$if(q !== undefined && ORDER_NUMBER.test(q), (query) => query.where('r.order_id', '=', Number(q)))
    .$if(q !== undefined && !ORDER_NUMBER.test(q), (query) =>
      query.where((where) =>
        where.or([where('r.out_trade_no', '=', q ?? ''), where('r.out_request_no', '=', q ?? '')]),
      ),
    )

export async function countDeskRefunds(db: Db, filter: DeskRefundQuery): Promise<number> {
  const { count } = await matching(db, filter)
    .select(sql<number>`count(*)::integer`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** What the list can be ordered by; the first stands when nothing is asked. */
export const REFUND_KEYS = ['created', 'amount', 'due'] as const
const REFUND_COLUMNS = { created: 'r.id', amount: 'r.amount_fen', due: 'r.due_at' } as const

export const listDeskRefunds = (db: Db, filter: DeskRefundQuery, span: DeskSpan<(typeof REFUND_KEYS)[number]>) =>
  matching(db, filter)
    .selectAll('r')
    .select([
      'a.refundable',
      sql<number | null>`a.received_fen - (select coalesce(sum(o.amount_fen), 0) from refunds o
        where o.attempt_id = a.id and o.state <> 'VOID')::bigint`.as('left_fen'),
      sql<string | null>`(select q.kind from refund_requests q
        where q.refund_id = r.id and q.state = 'asked')`.as('asked'),
    ])
    .orderBy(REFUND_COLUMNS[span.sort], (order) => (span.direction === 'asc' ? order.asc() : order.desc()).nullsLast())
    .orderBy('r.id', span.direction)
    .offset(span.skip)
    .limit(span.take)
    .execute()

/** The order with what its money came to and what of it is promised back; undefined where there is no such order. */
export async function findRefundable(db: Db, orderId: number) {
  const { rows } = await sql<{ status: string; received: number; promised: number }>`
    select o.status, coalesce(a.received_fen, 0)::bigint as received,
           coalesce((select sum(r.amount_fen) from refunds r
                      where r.attempt_id = a.id and r.state <> 'VOID'), 0)::bigint as promised
      from orders o left join payment_attempts a on a.order_id = o.id and a.disposition = 'APPLIED'
     where o.id = ${orderId}`.execute(db)
  return rows[0]
}
