import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../platform/db.ts'
import type { DeskSpan } from '../../platform/desk-page.ts'

export interface AccountSum {
  readonly account: string
  readonly sum_fen: number
  readonly owners: number
}

/** Every account as it stood at the end of `at`; those that were empty then are left out. */
export async function sumAccounts(db: Db, at: Date): Promise<AccountSum[]> {
  const { rows } = await sql<AccountSum>`
    with sums as (
      select e.account, e.owner_id, sum(e.amount_fen) as sum_fen
        from ledger_entries e join ledger_transactions t on t.id = e.tx_id
       where t.posted_at <= ${at} group by e.account, e.owner_id
    )
    select account, sum(sum_fen)::bigint as sum_fen,
           (count(*) filter (where owner_id is not null and sum_fen <> 0))::integer as owners
      from sums group by account order by account`.execute(db)
  return rows
}

export async function countTransactions(db: Db, at: Date): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from ledger_transactions where posted_at <= ${at}`.execute(db)
  return rows[0]?.count ?? 0
}

export interface EntryFilter {
  readonly account?: string | undefined
  readonly owner?: string | undefined
  readonly orderId?: number | undefined
  readonly hostId?: number | undefined
  readonly from?: Date | undefined
  /** Exclusive. */
  readonly until?: Date | undefined
}

/** The entries of a filter with their running sum, which counts what was posted before `from` as well. */
const entriesOf = ({ account, owner, orderId, hostId, until }: EntryFilter): RawBuilder<unknown> => sql`
  select e.tx_id, e.seq, t.posted_at, t.event, t.business_key, e.account, e.owner_id, t.order_id, e.amount_fen,
         (sum(e.amount_fen) over (order by t.posted_at, e.tx_id, e.seq))::bigint as running_fen
    from ledger_entries e join ledger_transactions t on t.id = e.tx_id
   where (${account ?? null}::text is null or e.account = ${account ?? null}::text)
     and (${owner ?? null}::text is null or e.owner_id = ${owner ?? null}::text)
     and (${orderId ?? null}::bigint is null or t.order_id = ${orderId ?? null}::bigint)
     and (${hostId ?? null}::bigint is null
          or (e.account in ('HOST_PAYABLE', 'HOST_RECEIVABLE') and e.owner_id = ${String(hostId)}::text))
     and (${until ?? null}::timestamptz is null or t.posted_at < ${until ?? null}::timestamptz)`

export interface EntryRow {
  readonly tx_id: number
  readonly seq: number
  readonly posted_at: Date
  readonly event: string
  readonly business_key: string
  readonly account: string
  readonly owner_id: string | null
  readonly order_id: number | null
  readonly amount_fen: number
  readonly running_fen: number
}

/** What the list can be ordered by. */
export const ENTRY_KEYS = ['posted'] as const

export async function listEntries(
  db: Db,
  filter: EntryFilter,
  { direction, skip, take }: DeskSpan<(typeof ENTRY_KEYS)[number]>,
): Promise<EntryRow[]> {
  const way = direction === 'asc' ? sql`asc` : sql`desc`
  const { rows } = await sql<EntryRow>`
    select * from (${entriesOf(filter)}) as entry
     where (${filter.from ?? null}::timestamptz is null or posted_at >= ${filter.from ?? null}::timestamptz)
     order by posted_at ${way}, tx_id ${way}, seq ${way}
     limit ${take} offset ${skip}`.execute(db)
  return rows
}

/** How many entries a filter has, and what all of them up to its end sum to. */
export async function sumEntries(db: Db, filter: EntryFilter): Promise<{ total: number; sum_fen: number }> {
  const { rows } = await sql<{ total: number; sum_fen: number }>`
    select (count(*) filter (where ${filter.from ?? null}::timestamptz is null
                                or posted_at >= ${filter.from ?? null}::timestamptz))::integer as total,
           coalesce(sum(amount_fen), 0)::bigint as sum_fen
      from (${entriesOf(filter)}) as entry`.execute(db)
  return rows[0] ?? { total: 0, sum_fen: 0 }
}
