import { sql } from 'kysely'
import type { Db } from '../../platform/db.ts'

export interface EarningRow {
  readonly order_id: number
  readonly title: string
  readonly start_date: string
  readonly end_date: string
  /** Null while nothing has been earned. */
  readonly earned_at: Date | null
  readonly net_fen: number
  readonly platform_fee_fen: number
  readonly gateway_fee_fen: number
  /** Money that is still held for the stay. */
  readonly held_fen: number
  readonly fee_confirmed: boolean
}

/**
 * What became the host's, as the ledger has it, for every order that brought any: less what was taken back since,
 * whether it was still here or is now owed to us. As `earnedOf` of the ledger reckons for one order.
 */
const earned = (hostId: number) => sql`
  select t.order_id, min(t.posted_at) filter (where t.event in ('accrue', 'cancel')) as earned_at,
         (-coalesce(sum(e.amount_fen) filter (where e.account in ('HOST_PAYABLE', 'HOST_RECEIVABLE')), 0))::bigint as net_fen,
         (-coalesce(sum(e.amount_fen) filter (where e.account = 'PLATFORM_FEE'), 0))::bigint as platform_fee_fen,
         (-coalesce(sum(e.amount_fen) filter (where e.account = 'GATEWAY_FEE'), 0))::bigint as gateway_fee_fen
    from ledger_transactions t join ledger_entries e on e.tx_id = t.id
   where t.event in ('accrue', 'cancel', 'clawback', 'external_refund')
     and t.order_id in (select id from orders where host_id = ${hostId} and paid_at is not null)
   group by t.order_id
  having sum(e.amount_fen) filter (where e.account in ('HOST_PAYABLE', 'HOST_RECEIVABLE')) < 0`

/** The host's orders with money, newest first, one more than `most` when there are more. */
export async function listEarnings(
  db: Db,
  hostId: number,
  { before, most }: { readonly before: number | undefined; readonly most: number },
): Promise<EarningRow[]> {
  const { rows } = await sql<EarningRow>`
    with earned as (${earned(hostId)}), held as (
      select t.order_id, (-sum(e.amount_fen))::bigint as held_fen
        from ledger_transactions t join ledger_entries e on e.tx_id = t.id
       where e.account = 'GUEST_ESCROW'
         and t.order_id in (select id from orders where host_id = ${hostId} and status in ('PAID', 'WAIT_COMMENT', 'COMPLETE'))
       group by t.order_id having sum(e.amount_fen) < 0
    )
    select o.id as order_id, h.title, o.start_date, o.end_date, earned.earned_at,
           coalesce(earned.net_fen, 0)::bigint as net_fen,
           coalesce(earned.platform_fee_fen, 0)::bigint as platform_fee_fen,
           coalesce(earned.gateway_fee_fen, 0)::bigint as gateway_fee_fen,
           coalesce(held.held_fen, 0)::bigint as held_fen,
           exists (select from payment_attempts a where a.order_id = o.id and a.disposition = 'APPLIED'
                      and a.billed_fee_fen is not null) as fee_confirmed
      from orders o
      join houses h on h.id = o.house_id
      left join earned on earned.order_id = o.id
      left join held on held.order_id = o.id
     where o.host_id = ${hostId} and (earned.order_id is not null or held.order_id is not null)
       and (${before ?? null}::bigint is null or o.id < ${before ?? null}::bigint)
     order by o.id desc
     limit ${most + 1}`.execute(db)
  return rows
}

export interface EarnedMonth {
  readonly month: string
  readonly orders: number
  readonly net_fen: number
  readonly platform_fee_fen: number
  readonly gateway_fee_fen: number
}

/** What was earned since the first day of `since`, by the month in Shanghai. */
export async function sumMonths(db: Db, hostId: number, since: string): Promise<EarnedMonth[]> {
  const { rows } = await sql<EarnedMonth>`
    with earned as (${earned(hostId)})
    select to_char(earned_at at time zone 'Asia/Shanghai', 'YYYY-MM') as month, count(*)::integer as orders,
           sum(net_fen)::bigint as net_fen, sum(platform_fee_fen)::bigint as platform_fee_fen,
           sum(gateway_fee_fen)::bigint as gateway_fee_fen
      from earned
     where to_char(earned_at at time zone 'Asia/Shanghai', 'YYYY-MM') >= ${since}
     group by 1 order by 1`.execute(db)
  return rows
}

/** What the platform owes the host now, by the ledger; less than nothing when the host owes. */
export async function balanceOf(db: Db, hostId: number): Promise<number> {
  const { rows } = await sql<{ fen: number }>`
    select (-coalesce(sum(amount_fen), 0))::bigint as fen from ledger_entries
     where account in ('HOST_PAYABLE', 'HOST_RECEIVABLE') and owner_id = ${String(hostId)}`.execute(db)
  return rows[0]?.fen ?? 0
}

/** The money that is held for the host's stays which are still to be earned, order by order. */
export async function listHeld(db: Db, hostId: number): Promise<number[]> {
  const { rows } = await sql<{ held_fen: number }>`
    select (-sum(e.amount_fen))::bigint as held_fen
      from ledger_transactions t join ledger_entries e on e.tx_id = t.id
     where e.account = 'GUEST_ESCROW'
       and t.order_id in (select id from orders where host_id = ${hostId} and status in ('PAID', 'WAIT_COMMENT', 'COMPLETE'))
     group by t.order_id having sum(e.amount_fen) < 0`.execute(db)
  return rows.map(({ held_fen }) => held_fen)
}
