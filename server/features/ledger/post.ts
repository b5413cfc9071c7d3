import type { Account, Entry } from '@ihome/core/ledger/postings'
import { sql } from 'kysely'
import type { Db, Tx } from '../../platform/db.ts'

export type LedgerEvent =
  | 'pay_applied'
  | 'pay_surplus'
  | 'pay_suspense'
  | 'suspense_to_refund'
  | 'cancel'
  | 'accrue'
  | 'refund'
  | 'clawback'
  | 'writeoff'
  | 'gateway_fee'
  | 'external_refund'
  | 'payout'
  | 'payout_returned'
  | 'netting'

/** What made the money move; at least one, so that no posting is an orphan (promises L10). */
export interface Causes {
  readonly orderId?: number
  readonly attemptId?: number
  readonly refundId?: number
  readonly payoutId?: number
  readonly factId?: number
}

export interface Posting {
  /** One effect, one key: `pay:<attempt>`, `refund:<id>` … (promises L3). */
  readonly businessKey: string
  readonly event: LedgerEvent
  readonly causes: Causes
  /** Debit positive, credit negative; they sum to zero, which the database checks at the commit. */
  readonly entries: readonly Entry[]
  readonly at: Date
}

/**
 * Writes one transaction of the ledger inside the caller's. Gives its id, or undefined when this effect was posted
 * before: asking twice posts once.
 */
export async function post(tx: Tx, posting: Posting): Promise<number | undefined> {
  const { causes } = posting
  const written = await tx
    .insertInto('ledger_transactions')
    .values({
      business_key: posting.businessKey,
      event: posting.event,
      order_id: causes.orderId ?? null,
      attempt_id: causes.attemptId ?? null,
      refund_id: causes.refundId ?? null,
      payout_id: causes.payoutId ?? null,
      fact_id: causes.factId ?? null,
      posted_at: posting.at,
    })
    .onConflict((conflict) => conflict.column('business_key').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!written) return undefined
  await tx
    .insertInto('ledger_entries')
    .values(
      posting.entries.map((entry, index) => ({
        tx_id: written.id,
        seq: index + 1,
        account: entry.account,
        owner_id: entry.ownerId ?? null,
        amount_fen: entry.amountFen,
      })),
    )
    .execute()
  return written.id
}

/**
 * Takes back what was posted under `originalKey`, by a transaction of its own that names it (promises L2). Gives false
 * when nothing was posted under that key, or it was taken back before.
 */
export async function reverse(
  tx: Tx,
  originalKey: string,
  { causes, at }: { readonly causes: Causes; readonly at: Date },
): Promise<boolean> {
  const { rows } = await sql<{ id: number }>`
    insert into ledger_transactions (business_key, event, order_id, attempt_id, refund_id, payout_id, fact_id,
                                     reverses_tx_id, posted_at)
    select ${`reversal:${originalKey}`}, 'reversal', ${causes.orderId ?? null}, ${causes.attemptId ?? null},
           ${causes.refundId ?? null}, ${causes.payoutId ?? null}, ${causes.factId ?? null}, id, ${at}
      from ledger_transactions where business_key = ${originalKey}
    on conflict (business_key) do nothing
    returning id`.execute(tx)
  const [written] = rows
  if (!written) return false
  await sql`
    insert into ledger_entries (tx_id, seq, account, owner_id, currency, amount_fen)
    select ${written.id}, e.seq, e.account, e.owner_id, e.currency, -e.amount_fen
      from ledger_entries e join ledger_transactions t on t.id = e.tx_id
     where t.business_key = ${originalKey}`.execute(tx)
  return true
}

/** The entries that were posted under this key; none when nothing was. */
export const entriesOf = async (tx: Tx, businessKey: string): Promise<Entry[]> => {
  const rows = await tx
    .selectFrom('ledger_entries as e')
    .innerJoin('ledger_transactions as t', 't.id', 'e.tx_id')
    .select(['e.account', 'e.owner_id', 'e.amount_fen'])
    .where('t.business_key', '=', businessKey)
    .orderBy('e.seq')
    .execute()
  return rows.map(({ account, owner_id, amount_fen }) => ({
    account: account as Account,
    ...(owner_id === null ? {} : { ownerId: owner_id }),
    amountFen: amount_fen,
  }))
}

/**
 * Where the money of an order stands: held whole for the stay, divided because the stay began, or given up with the
 * order. The order is locked.
 */
export async function standingOfMoney(tx: Tx, orderId: number): Promise<'held' | 'divided' | 'ended'> {
  const { rows } = await sql<{ is_over: boolean; is_divided: boolean }>`
    select o.status in ('CANCELED', 'REJECTED') as is_over,
           exists (select from ledger_transactions t where t.order_id = o.id and t.event = 'accrue') as is_divided
      from orders o where o.id = ${orderId}`.execute(tx)
  const [order] = rows
  if (!order || order.is_over) return 'ended'
  return order.is_divided ? 'divided' : 'held'
}

/** Sum of the entries of one owner's account: debit positive, credit negative. */
export async function accountSum(db: Db | Tx, account: Account, ownerId: string): Promise<number> {
  const row = await db
    .selectFrom('ledger_entries')
    .select(sql<number>`coalesce(sum(amount_fen), 0)::bigint`.as('sum'))
    .where('account', '=', account)
    .where('owner_id', '=', ownerId)
    .executeTakeFirstOrThrow()
  return row.sum
}

/** What the guest's money for this order still amounts to on our side: applied, and neither sent back nor earned. */
export const heldFen = async (db: Db | Tx, orderId: number): Promise<number> =>
  0 - (await accountSum(db, 'GUEST_ESCROW', String(orderId)))

/** What was applied to this order: paid is a sum in the ledger, not a flag. */
export async function receivedFen(db: Db | Tx, orderId: number): Promise<number> {
  const row = await db
    .selectFrom('ledger_transactions as t')
    .innerJoin('ledger_entries as e', 'e.tx_id', 't.id')
    .select(sql<number>`coalesce(-sum(e.amount_fen), 0)::bigint`.as('sum'))
    .where('t.order_id', '=', orderId)
    .where('t.event', '=', 'pay_applied')
    .where('e.account', '=', 'GUEST_ESCROW')
    .executeTakeFirstOrThrow()
  return row.sum
}
