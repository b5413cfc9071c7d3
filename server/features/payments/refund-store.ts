import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from '../../platform/db.ts'
import type { Refunds } from '../../platform/db-types.ts'

export type RefundState = 'RESERVED' | 'SENT' | 'UNKNOWN' | 'WAIT_FUNDS' | 'SUCCEEDED' | 'MANUAL' | 'VOID' | 'EXTERNAL'
export type RefundReason =
  | 'guest_cancel'
  | 'host_cancel'
  | 'system_cancel'
  | 'surplus'
  | 'mismatch'
  | 'unmatched'
  | 'early_end'
  | 'dispute'
  | 'external'

/** One row of refunds. */
export type Refund = Omit<Selectable<Refunds>, 'state'> & { readonly state: RefundState }

const refunds = (db: Db | Tx) => db.selectFrom('refunds').selectAll().$narrowType<Pick<Refund, 'state'>>()

export const findRefund = (db: Db | Tx, id: number): Promise<Refund | undefined> =>
  refunds(db).where('id', '=', id).executeTakeFirst()

/** Locks the refund; its attempt, if it has one, is locked already. */
export const lockRefund = (tx: Tx, id: number): Promise<Refund | undefined> =>
  refunds(tx).where('id', '=', id).forNoKeyUpdate().executeTakeFirst()

export const findRefundByNumber = (db: Db | Tx, outRequestNo: string): Promise<Refund | undefined> =>
  refunds(db).where('out_request_no', '=', outRequestNo).executeTakeFirst()

export const listRefundsOfAttempt = (db: Db | Tx, attemptId: number): Promise<Refund[]> =>
  refunds(db).where('attempt_id', '=', attemptId).orderBy('id').execute()

/** The refund of the order that was promised last. */
export async function lastRefundOf(tx: Tx, orderId: number): Promise<number | null> {
  const row = await tx
    .selectFrom('refunds')
    .select('id')
    .where('order_id', '=', orderId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.id ?? null
}

/** What of an attempt's money went back or is promised back. It counts from the creation of a refund (promises R1). */
export async function promisedFen(tx: Tx, attemptId: number): Promise<number> {
  const row = await tx
    .selectFrom('refunds')
    .select(sql<number>`coalesce(sum(amount_fen), 0)::bigint`.as('sum'))
    .where('attempt_id', '=', attemptId)
    .where('state', '<>', 'VOID')
    .executeTakeFirstOrThrow()
  return row.sum
}

export interface NewRefund {
  readonly attempt_id: number | null
  readonly order_id: number | null
  readonly out_trade_no: string
  /** Needed where there is no attempt, whose own it would be. */
  readonly provider?: string
  readonly out_request_no: string
  readonly amount_fen: number
  readonly reason: RefundReason
  readonly note?: string | undefined
  readonly created_at: Date
}

/** Promises money back. It counts against what was received from now on; a job sends it. */
export async function reserveRefund(tx: Tx, refund: NewRefund): Promise<number> {
  const { id } = await tx
    .insertInto('refunds')
    .values({ ...refund, note: refund.note ?? null, state: 'RESERVED', next_try_at: refund.created_at })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export async function insertExternalRefund(
  tx: Tx,
  refund: {
    readonly attempt_id: number
    readonly order_id: number
    readonly out_trade_no: string
    readonly out_request_no: string | null
    readonly amount_fen: number
  },
  now: Date,
): Promise<number> {
  const { id } = await tx
    .insertInto('refunds')
    .values({
      ...refund,
      reason: 'external',
      state: 'EXTERNAL',
      done_fen: refund.amount_fen,
      created_at: now,
      settled_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

type Changes = Partial<
  Pick<
    Refund,
    | 'state'
    | 'done_fen'
    | 'tries'
    | 'error'
    | 'next_try_at'
    | 'lease_until'
    | 'sent_at'
    | 'last_query_at'
    | 'settled_at'
    | 'owner'
    | 'due_at'
    | 'via'
  >
>

export async function saveRefund(tx: Tx, id: number, changes: Changes): Promise<void> {
  await tx.updateTable('refunds').set(changes).where('id', '=', id).execute()
}

/** Ends a refund that is no longer owed; nobody sends it any more. The refund is locked, or nobody works on it. */
export const voidRefund = (tx: Tx, refund: Pick<Refund, 'id'>, now: Date): Promise<void> =>
  saveRefund(tx, refund.id, { state: 'VOID', settled_at: now, next_try_at: null, lease_until: null })

/** What is promised back for the order, or the unmatched trade, and has not gone yet. */
export async function openPromisesFen(tx: Tx, owner: { readonly orderId: number } | { readonly outTradeNo: string }) {
  const row = await tx
    .selectFrom('refunds')
    .select(sql<number>`coalesce(sum(amount_fen), 0)::bigint`.as('sum'))
    .where('state', 'in', ['RESERVED', 'SENT', 'UNKNOWN', 'WAIT_FUNDS', 'MANUAL'])
    .$call((query) =>
      'orderId' in owner
        ? query.where('order_id', '=', owner.orderId)
        : query.where('order_id', 'is', null).where('out_trade_no', '=', owner.outTradeNo),
    )
    .executeTakeFirstOrThrow()
  return row.sum
}

/** Refunds whose instant has come and that nobody is working on, the oldest first. */
export function listDueRefunds(db: Db, now: Date, limit: number) {
  return db
    .selectFrom('refunds')
    .select(['id', 'attempt_id'])
    .where('next_try_at', '<=', now)
    .where((or) => or.or([or('lease_until', 'is', null), or('lease_until', '<=', now)]))
    .orderBy('next_try_at')
    .limit(limit)
    .execute()
}

/**
 * When the gateway was last told to refund this trade, or is being told now; both keep the next one waiting
 * (promises E29). `sent_at` is the first send, so the lease stands for the later ones.
 */
export async function lastRefundCallAt(tx: Tx, outTradeNo: string, exceptId: number): Promise<Date | undefined> {
  const row = await tx
    .selectFrom('refunds')
    .select(sql<Date | null>`max(greatest(sent_at, last_query_at, lease_until))`.as('at'))
    .where('out_trade_no', '=', outTradeNo)
    .where('id', '<>', exceptId)
    .executeTakeFirst()
  return row?.at ?? undefined
}
