import type { RefundRequestQuery } from '@ihome/contract/schemas/refunds'
import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from '../../platform/db.ts'
import type { RefundRequests } from '../../platform/db-types.ts'
import type { DeskSpan } from '../../platform/desk-page.ts'

/** One row of refund_requests. */
export type RefundRequestRow = Selectable<RefundRequests>

export const findRefundRequest = (db: Db | Tx, id: number): Promise<RefundRequestRow | undefined> =>
  db.selectFrom('refund_requests').selectAll().where('id', '=', id).executeTakeFirst()

/** Locks the request; whatever it is about is locked already. */
export const lockRefundRequest = (tx: Tx, id: number): Promise<RefundRequestRow | undefined> =>
  tx.selectFrom('refund_requests').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()

export interface NewRefundRequest {
  readonly kind: 'part' | 'transfer' | 'void' | 'cancel' | 'writeoff'
  readonly order_id?: number
  readonly amount_fen?: number
  readonly reason?: string
  readonly refund_id?: number
  readonly note: string
  readonly asked_by: number
  readonly asked_at: Date
}

/** Undefined when somebody has asked for the same, of this refund or order, and nobody has decided yet. */
export async function insertRefundRequest(tx: Tx, request: NewRefundRequest): Promise<number | undefined> {
  const row = await tx
    .insertInto('refund_requests')
    .values(request)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id
}

/** Which wishes about the order itself wait for a second person. */
export const listOpenWishes = async (db: Db | Tx, orderId: number): Promise<string[]> => {
  const rows = await db
    .selectFrom('refund_requests')
    .select('kind')
    .where('order_id', '=', orderId)
    .where('state', '=', 'asked')
    .where('kind', 'in', ['cancel', 'writeoff'])
    .orderBy('kind')
    .execute()
  return rows.map(({ kind }) => kind)
}

export interface Decision {
  readonly state: 'approved' | 'declined'
  readonly refund_id?: number
  readonly decided_by: number
  readonly decided_at: Date
  readonly decision_note: string
}

/** The request is locked and still open. That nobody agrees with themselves, the table says as well. */
export async function saveDecision(tx: Tx, id: number, decision: Decision): Promise<void> {
  await tx.updateTable('refund_requests').set(decision).where('id', '=', id).execute()
}

/** Whether somebody has asked to end this refund and a second person has not answered yet. */
export const hasOpenEnding = async (tx: Tx, refundId: number): Promise<boolean> =>
  (await tx
    .selectFrom('refund_requests')
    .select('id')
    .where('refund_id', '=', refundId)
    .where('state', '=', 'asked')
    .executeTakeFirst()) !== undefined

/**
 * What single operators have given back of this order, which counts together: many small parts are a large one. What a
 * second person agreed to is left out, and so is what was never sent.
 */
export async function givenAloneFen(db: Db | Tx, orderId: number): Promise<number> {
  const { rows } = await sql<{ fen: number }>`
    select coalesce(sum(r.amount_fen), 0)::bigint as fen from refunds r
     where r.order_id = ${orderId} and r.state <> 'VOID' and r.reason in ('system_cancel', 'early_end', 'dispute')
       and not exists (select from refund_requests q
                        where q.refund_id = r.id and q.kind in ('part', 'cancel') and q.state = 'approved')`.execute(db)
  return rows[0]?.fen ?? 0
}

const matching = (db: Db, { state }: RefundRequestQuery) =>
  db
    .selectFrom('refund_requests as q')
    .innerJoin('operators as asker', 'asker.id', 'q.asked_by')
    .leftJoin('operators as decider', 'decider.id', 'q.decided_by')
    .leftJoin('refunds as r', 'r.id', 'q.refund_id')
    .$if(state !== undefined, (query) => query.where('q.state', '=', state ?? ''))

export async function countRefundRequests(db: Db, filter: RefundRequestQuery): Promise<number> {
  const { count } = await matching(db, filter)
    .select(sql<number>`count(*)::integer`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** What the list can be ordered by; the first stands when nothing is asked. */
export const REQUEST_KEYS = ['created', 'amount'] as const

export const listRefundRequests = (db: Db, filter: RefundRequestQuery, span: DeskSpan<(typeof REQUEST_KEYS)[number]>) =>
  matching(db, filter)
    .select([
      'q.id',
      'q.kind',
      sql<number | null>`coalesce(q.order_id, r.order_id)`.as('order_id'),
      'q.refund_id',
      sql<number>`coalesce(q.amount_fen, r.amount_fen)`.as('amount_fen'),
      sql<string | null>`coalesce(q.reason, r.reason)`.as('reason'),
      'q.note',
      'q.state',
      'q.asked_by',
      'asker.login as asker',
      'q.asked_at',
      'decider.login as decider',
      'q.decided_at',
      'q.decision_note',
    ])
    .orderBy(span.sort === 'amount' ? sql`coalesce(q.amount_fen, r.amount_fen)` : sql`q.id`, span.direction)
    .orderBy('q.id', span.direction)
    .offset(span.skip)
    .limit(span.take)
    .execute()
