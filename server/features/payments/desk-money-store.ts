import type { DeskPaymentQuery } from '@ihome/contract/schemas/operator-desk-money'
import { sql } from 'kysely'
import type { Db } from '../../platform/db.ts'
import type { DeskSpan } from '../../platform/desk-page.ts'
import { LIVE_STATES } from './attempt-store.ts'

export const listDeskAttempts = (db: Db, orderId: number) =>
  db
    .selectFrom('payment_attempts')
    .select([
      'out_trade_no',
      'state',
      'disposition',
      'amount_fen',
      'received_fen',
      'created_at',
      'opened_at',
      'close_sent_at',
      'closed_at',
      'succeeded_at',
    ])
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
    .select([
      'out_request_no',
      'reason',
      'state',
      'amount_fen',
      'done_fen',
      'created_at',
      'sent_at',
      'settled_at',
      'error',
    ])
    .where('order_id', '=', orderId)
    .orderBy('id')
    .execute()

export const listDeskCasesOfOrder = (db: Db, orderId: number) =>
  db
    .selectFrom('cases')
    .select(['kind', 'subject', 'note', 'opened_at', 'closed_at'])
    .where('order_id', '=', orderId)
    .orderBy('id')
    .execute()

/** Digits are an order's number; anything else is a number at the gateway, ours or its own. */
const matching = (db: Db, { q, state, overdue }: DeskPaymentQuery, overdueBefore: Date) =>
  db
    .selectFrom('payment_attempts as a')
    .$if(q !== undefined && q !== '', (query) =>
      query.where((where) =>
        where.or([
          ...(/^\d{1,15}$/.test(q ?? '') ? [where('a.order_id', '=', Number(q))] : []),
          where('a.out_trade_no', '=', q ?? ''),
          where('a.trade_no', '=', q ?? ''),
        ]),
      ),
    )
    .$if(state !== undefined, (query) => query.where('a.state', '=', state ?? ''))
    .$if(overdue !== undefined, (query) =>
      query.where('a.state', 'in', LIVE_STATES).where('a.time_expire', '<', overdueBefore),
    )

export async function countDeskPayments(db: Db, filter: DeskPaymentQuery, overdueBefore: Date): Promise<number> {
  const { count } = await matching(db, filter, overdueBefore)
    .select(sql<number>`count(*)::integer`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** What the list can be ordered by; the first stands when nothing is asked. */
export const PAYMENT_KEYS = ['created', 'amount', 'state', 'next'] as const
const PAYMENT_COLUMNS = {
  created: 'a.id',
  amount: 'a.amount_fen',
  state: 'a.state',
  next: 'a.next_query_at',
} as const

export const listDeskPayments = (
  db: Db,
  filter: DeskPaymentQuery,
  overdueBefore: Date,
  span: DeskSpan<(typeof PAYMENT_KEYS)[number]>,
) =>
  matching(db, filter, overdueBefore)
    .leftJoinLateral(
      (from) =>
        from
          .selectFrom('gateway_facts as f')
          .select(['f.kind as last_kind', 'f.effect as last_effect', 'f.received_at as last_at'])
          .whereRef('f.attempt_id', '=', 'a.id')
          .orderBy('f.id', 'desc')
          .limit(1)
          .as('last'),
      (join) => join.onTrue(),
    )
    .select([
      'a.out_trade_no',
      'a.order_id',
      'a.state',
      'a.disposition',
      'a.amount_fen',
      'a.received_fen',
      'a.trade_no',
      'last.last_kind',
      'last.last_effect',
      'last.last_at',
      'a.next_query_at',
      'a.time_expire',
      'a.created_at',
    ])
    .orderBy(PAYMENT_COLUMNS[span.sort], (order) =>
      span.direction === 'desc' ? order.desc().nullsLast() : order.asc().nullsLast(),
    )
    .orderBy('a.id', span.direction)
    .offset(span.skip)
    .limit(span.take)
    .execute()

export interface MoneyAlarms {
  readonly attempts_overdue: number
  readonly refunds_unknown: number
  readonly refunds_manual: number
  /** The account at the gateway is too empty for them. */
  readonly refunds_waiting: number
  readonly suspense_fen: number
  readonly cases_open: number
  readonly cases_overdue: number
  /** Days whose bill is late or differs. */
  readonly bills: number
}

/** What must be, or return to, nothing. */
export async function readMoneyAlarms(db: Db, now: Date, overdueBefore: Date): Promise<MoneyAlarms> {
  const { rows } = await sql<MoneyAlarms>`
    select (select count(*)::integer from payment_attempts
             where state in ('NEW', 'OPEN', 'CLOSING') and time_expire < ${overdueBefore}) as attempts_overdue,
           (select count(*)::integer from refunds where state = 'UNKNOWN') as refunds_unknown,
           (select count(*)::integer from refunds where state = 'MANUAL') as refunds_manual,
           (select count(*)::integer from refunds where state = 'WAIT_FUNDS') as refunds_waiting,
           (select coalesce(-sum(amount_fen), 0)::bigint from ledger_entries where account = 'SUSPENSE') as suspense_fen,
           (select count(*)::integer from cases where state = 'open') as cases_open,
           (select count(*)::integer from cases
             where state = 'open' and kind in ('bill_late', 'bill_difference')) as bills,
           (select count(*)::integer from cases where state = 'open' and due_at < ${now}) as cases_overdue`.execute(db)
  const row = rows[0]
  if (!row) throw new Error('the alarms gave no row')
  return row
}

/** What reached buyers again between two instants. */
export async function sumRefunded(db: Db, { from, until }: { readonly from: Date; readonly until: Date }) {
  const { fen } = await db
    .selectFrom('refunds')
    .select(sql<number>`coalesce(sum(done_fen), 0)::bigint`.as('fen'))
    .where('settled_at', '>=', from)
    .where('settled_at', '<', until)
    .executeTakeFirstOrThrow()
  return fen
}
