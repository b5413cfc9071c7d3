import type { FrozenReason, PayoutState } from '@ihome/core/payouts/payout-plan'
import { type RawBuilder, type Selectable, sql } from 'kysely'
import type { Db, Tx } from '../../platform/db.ts'
import type { Payouts } from '../../platform/db-types.ts'

/** What finance has seen at the gateway of a payout in doubt. */
export type Ending = 'arrived' | 'not_arrived'

/** One row of payouts. */
export type Payout = Omit<Selectable<Payouts>, 'state' | 'frozen_reason' | 'ending'> & {
  readonly state: PayoutState
  /** What the first of two has said. */
  readonly ending: Ending | null
  readonly frozen_reason: FrozenReason | null
}

export interface Earning {
  readonly tx_id: number
  readonly order_id: number
  readonly earned_fen: number
}

/**
 * What hosts earned since `since` and nobody pays out yet, the oldest first. What they got back of an order by a refund
 * that was given up is such an earning too, as far as no payout of the order has it or will.
 */
export async function listUnpaidEarnings(db: Db, since: Date, most: number): Promise<Earning[]> {
  const { rows } = await sql<Earning>`
    select t.id as tx_id, t.order_id,
           least(-sum(e.amount_fen), case when t.event = 'clawback' then ${creditLeft(sql`t.order_id`)} end)::bigint as earned_fen
      from ledger_transactions t join ledger_entries e on e.tx_id = t.id and e.account = 'HOST_PAYABLE'
     where t.event in ('accrue', 'cancel', 'clawback') and t.posted_at >= ${since}
       and not exists (select from payouts p where p.earned_tx_id = t.id)
       and (t.event <> 'clawback'
            or not exists (select from payouts p where p.order_id = t.order_id and p.state = 'ACCRUED' and p.settled_at is null))
     group by t.id
    having sum(e.amount_fen) < 0 and (t.event <> 'clawback' or ${creditLeft(sql`t.order_id`)} > 0)
     order by t.id
     limit ${most}`.execute(db)
  return rows
}

/** What an order brought its host, less what was taken back since and what other payouts than `exceptId` have of it. */
export async function creditLeftOfOrder(tx: Tx, orderId: number, exceptId: number): Promise<number> {
  const { rows } = await sql<{ fen: number }>`
    select (${creditLeft(sql`${orderId}::bigint`, exceptId)})::bigint as fen`.execute(tx)
  return rows[0]?.fen ?? 0
}

const creditLeft = (orderId: RawBuilder<unknown>, exceptId = 0) => sql`
    (select coalesce(-sum(c.amount_fen), 0)
       from ledger_transactions o join ledger_entries c on c.tx_id = o.id and c.account = 'HOST_PAYABLE'
      where o.order_id = ${orderId} and o.event in ('accrue', 'cancel', 'clawback', 'external_refund'))
  - (select coalesce(sum(g.netted_fen + case when g.state in ('ACCRUED', 'RETURNED') then 0 else g.amount_fen end), 0)
       from payouts g where g.order_id = ${orderId} and g.id <> ${exceptId})`

export interface NewPayout {
  readonly host_id: number
  readonly order_id: number
  readonly earned_tx_id?: number
  readonly replaces_id?: number
  readonly out_biz_no: string
  readonly earned_fen: number
  readonly not_before: Date
  readonly frozen_reason?: FrozenReason
  readonly created_at: Date
}

/** Opens a payout; false when this earning has one already. */
export async function insertPayout(tx: Tx, payout: NewPayout): Promise<boolean> {
  const written = await tx
    .insertInto('payouts')
    .values({ ...payout, amount_fen: payout.earned_fen, next_try_at: payout.not_before })
    .onConflict((conflict) =>
      (payout.replaces_id === undefined ? conflict.column('earned_tx_id') : conflict.column('replaces_id')).doNothing(),
    )
    .returning('id')
    .executeTakeFirst()
  return written !== undefined
}

/** Payouts in these states whose instant has come and that nobody is working on, the oldest first. */
export function listDuePayouts(db: Db, states: readonly PayoutState[], now: Date, most: number) {
  return db
    .selectFrom('payouts')
    .select(['id', 'order_id'])
    .where('state', 'in', [...states])
    .where('next_try_at', '<=', now)
    .where((or) => or.or([or('lease_until', 'is', null), or('lease_until', '<=', now)]))
    .orderBy('next_try_at')
    .limit(most)
    .execute()
}

const payouts = (db: Db | Tx) =>
  db.selectFrom('payouts').selectAll().$narrowType<Pick<Payout, 'state' | 'frozen_reason' | 'ending'>>()

export const findPayout = (db: Db | Tx, id: number): Promise<Payout | undefined> =>
  payouts(db).where('id', '=', id).executeTakeFirst()

/** Locks the payout; its order is locked already. */
export const lockPayout = (tx: Tx, id: number): Promise<Payout | undefined> =>
  payouts(tx).where('id', '=', id).forNoKeyUpdate().executeTakeFirst()

type Changes = Partial<
  Omit<
    Payout,
    'id' | 'host_id' | 'order_id' | 'earned_tx_id' | 'replaces_id' | 'earned_fen' | 'not_before' | 'created_at'
  >
>

export async function savePayout(tx: Tx, id: number, changes: Changes): Promise<void> {
  await tx.updateTable('payouts').set(changes).where('id', '=', id).execute()
}

export interface KeptAnswer {
  readonly payout_id: number
  readonly out_biz_no: string
  readonly call: 'send' | 'query'
  readonly kind: string
  /** The state, code or reason in it. */
  readonly word: string | null
  readonly raw: string
  readonly raw_sha256: string
  readonly at: Date
}

export async function insertAnswer(db: Db, answer: KeptAnswer): Promise<void> {
  await db.insertInto('payout_answers').values(answer).execute()
}

/** Has what waits for an account of this host looked at again at this instant. */
export async function wakePayouts(tx: Tx, hostId: number, at: Date): Promise<void> {
  await tx
    .updateTable('payouts')
    .set({ next_try_at: at })
    .where('host_id', '=', hostId)
    .where('frozen_reason', '=', 'payee_change')
    .where('next_try_at', 'is not', null)
    .where('state', 'in', ['ACCRUED', 'SCHEDULED', 'RETRY', 'MANUAL'])
    .execute()
}
