import type { AttemptState } from '@ihome/core/payments/decide'
import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from '../../platform/db.ts'
import type { PaymentAttempts } from '../../platform/db-types.ts'

/** One row of payment_attempts. */
export type Attempt = Omit<Selectable<PaymentAttempts>, 'state' | 'disposition'> & {
  readonly state: AttemptState
  readonly disposition: 'APPLIED' | 'SURPLUS' | null
}

/** States in which the buyer could still pay, as far as we know. */
export const LIVE_STATES = ['NEW', 'OPEN', 'CLOSING'] as const

const attempts = (db: Db | Tx) =>
  db.selectFrom('payment_attempts').selectAll().$narrowType<Pick<Attempt, 'state' | 'disposition'>>()

export const findAttempt = (db: Db | Tx, outTradeNo: string): Promise<Attempt | undefined> =>
  attempts(db).where('out_trade_no', '=', outTradeNo).executeTakeFirst()

export const findAttemptById = (db: Db | Tx, id: number): Promise<Attempt | undefined> =>
  attempts(db).where('id', '=', id).executeTakeFirst()

/** Locks the attempt; its order is locked already. */
export const lockAttempt = (tx: Tx, id: number): Promise<Attempt | undefined> =>
  attempts(tx).where('id', '=', id).forNoKeyUpdate().executeTakeFirst()

/** Locks the one attempt whose money bought the order's nights; its order is locked already. */
export const lockAppliedAttempt = (tx: Tx, orderId: number): Promise<Attempt | undefined> =>
  attempts(tx).where('order_id', '=', orderId).where('disposition', '=', 'APPLIED').forNoKeyUpdate().executeTakeFirst()

export const findLiveAttempt = (db: Db | Tx, orderId: number): Promise<Attempt | undefined> =>
  attempts(db).where('order_id', '=', orderId).where('state', 'in', LIVE_STATES).executeTakeFirst()

export async function ownsTradeNo(tx: Tx, tradeNo: string): Promise<number | undefined> {
  const row = await tx.selectFrom('payment_attempts').select('id').where('trade_no', '=', tradeNo).executeTakeFirst()
  return row?.id
}

export interface NewAttempt {
  readonly order_id: number
  readonly provider: string
  readonly out_trade_no: string
  readonly amount_fen: number
  readonly app_id: string
  readonly seller_id: string
  readonly subject: string
  readonly time_expire: Date
  readonly next_query_at: Date | null
  readonly created_at: Date
}

export async function insertAttempt(tx: Tx, attempt: NewAttempt): Promise<Attempt> {
  const row = await tx
    .insertInto('payment_attempts')
    .values({ ...attempt, state: 'NEW' })
    .returningAll()
    .executeTakeFirstOrThrow()
  return row as Attempt
}

/**
 * Keeps the address that is given out. Of two who build one at once the first is kept, and both give out that.
 * Undefined when the attempt has ended, or begun to, before anybody could be given one.
 */
export async function saveOpened(
  db: Db,
  id: number,
  opened: {
    readonly pay_url: string
    readonly pay_url_fresh_until: Date | null
    readonly opened_at: Date
    readonly next_query_at: Date | null
  },
): Promise<string | undefined> {
  await db
    .updateTable('payment_attempts')
    .set({ ...opened, state: 'OPEN' })
    .where('id', '=', id)
    .where('state', '=', 'NEW')
    .execute()
  const row = await db
    .selectFrom('payment_attempts')
    .select('pay_url')
    .where('id', '=', id)
    .where('state', '=', 'OPEN')
    .executeTakeFirst()
  return row?.pay_url ?? undefined
}

/** Keeps a newer address of a trade whose earlier one has gone stale; undefined when the attempt is open no more. */
export async function savePage(
  db: Db,
  id: number,
  page: { readonly pay_url: string; readonly pay_url_fresh_until: Date | null },
): Promise<string | undefined> {
  const row = await db
    .updateTable('payment_attempts')
    .set(page)
    .where('id', '=', id)
    .where('state', '=', 'OPEN')
    .returning('pay_url')
    .executeTakeFirst()
  return row?.pay_url ?? undefined
}

type Changes = Partial<
  Pick<
    Attempt,
    | 'state'
    | 'disposition'
    | 'trade_no'
    | 'received_fen'
    | 'refundable'
    | 'expected_fee_fen'
    | 'next_query_at'
    | 'not_exist_seen'
    | 'not_exist_at'
    | 'closed_at'
    | 'succeeded_at'
    | 'lease_until'
  >
>

/** The attempt is locked by this transaction. */
export async function saveAttempt(tx: Tx, id: number, changes: Changes): Promise<void> {
  await tx.updateTable('payment_attempts').set(changes).where('id', '=', id).execute()
}

/**
 * Takes the right to ask the gateway about an attempt now, so that pages, jobs and instances together ask at most once
 * in `gapMs`. False when somebody has just asked.
 */
export async function claimQuery(db: Db, id: number, now: Date, gapMs: number): Promise<boolean> {
  const claimed = await db
    .updateTable('payment_attempts')
    .set({ last_query_at: now, queries: sql`queries + 1` })
    .where('id', '=', id)
    .where((or) => or.or([or('last_query_at', 'is', null), or('last_query_at', '<=', new Date(now.getTime() - gapMs))]))
    .executeTakeFirst()
  return claimed.numUpdatedRows === 1n
}

/** Moves the next query to `next` if it would come earlier. */
export async function postponeQuery(db: Db, id: number, next: Date): Promise<void> {
  await db
    .updateTable('payment_attempts')
    .set({ next_query_at: next })
    .where('id', '=', id)
    .where('next_query_at', '<', next)
    .execute()
}

/**
 * Leases attempts that somebody should ask about: those whose instant has come, and those that could still take money
 * for an order that no longer waits for it and have not been told to close. Each half walks its own partial index.
 */
export async function leaseDueAttempts(db: Db, now: Date, leaseUntil: Date, limit: number): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    update payment_attempts set lease_until = ${leaseUntil}
    where id in (
      select a.id from payment_attempts a
      where (a.lease_until is null or a.lease_until <= ${now})
        and a.id in (
          (select due.id from payment_attempts due
           where due.next_query_at <= ${now} and (due.lease_until is null or due.lease_until <= ${now})
           order by due.next_query_at limit ${limit})
          union all
          (select live.id from payment_attempts live join orders o on o.id = live.order_id
           where live.state in ('NEW', 'OPEN', 'CLOSING') and live.close_sent_at is null
             and o.status <> 'WAIT_PAYMENT' and (live.lease_until is null or live.lease_until <= ${now})
           limit ${limit}))
      for no key update of a skip locked
    )
    returning id`.execute(db)
  return rows.map(({ id }) => id)
}

/** Remembers that the gateway is told to close; false when the attempt has ended meanwhile. */
export async function markClosing(db: Db, id: number, now: Date): Promise<boolean> {
  const marked = await db
    .updateTable('payment_attempts')
    .set({ state: 'CLOSING', close_sent_at: now })
    .where('id', '=', id)
    .where('state', 'in', LIVE_STATES)
    .executeTakeFirst()
  return marked.numUpdatedRows === 1n
}

/**
 * Ends the wait for an attempt whose address nobody was given: from now on nobody can be, so nobody can pay it. False
 * when somebody has one.
 */
export async function retireUngiven(db: Db, id: number, now: Date): Promise<boolean> {
  const retired = await db
    .updateTable('payment_attempts')
    .set({ state: 'CLOSING', close_sent_at: now })
    .where('id', '=', id)
    .where('state', 'in', ['NEW', 'CLOSING'])
    .where('pay_url', 'is', null)
    .executeTakeFirst()
  return retired.numUpdatedRows === 1n
}

export async function releaseLease(db: Db, id: number): Promise<void> {
  await db.updateTable('payment_attempts').set({ lease_until: null }).where('id', '=', id).execute()
}

/** Live attempts that should long have ended: past their time by more than `overdueMs` (promises P11). */
export function listOverdueAttempts(db: Db, before: Date, limit: number) {
  return db
    .selectFrom('payment_attempts as a')
    .select(['a.id', 'a.order_id', 'a.out_trade_no'])
    .where('a.state', 'in', LIVE_STATES)
    .where('a.time_expire', '<', before)
    .where((or) =>
      or.not(
        or.exists(
          or
            .selectFrom('cases as c')
            .select('c.id')
            .where('c.kind', '=', 'overdue_attempt')
            .where('c.state', '=', 'open')
            .whereRef('c.subject', '=', 'a.out_trade_no'),
        ),
      ),
    )
    .limit(limit)
    .execute()
}
