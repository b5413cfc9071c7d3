import type { CivilDate } from '@ihome/core/calendar'
import { sql } from 'kysely'
import type { Db } from '../../platform/db.ts'

/** Two clocks may differ by this much about which day a moment before midnight belongs to. */
const SKEW = '5 minutes'

/**
 * What CLEARING came to at one provider at the end of `day` by its reckoning: a posting belongs to the day whose bill
 * shows it, however late we heard of it, and else to the day on which it was written (promises L8). What came by another
 * provider stands on no bill of this one, and money without an owner came by the one whose message told of it; what names
 * none, such as a payout, is Alipay's.
 */
export async function clearingAtEndOf(db: Db, provider: string, day: CivilDate): Promise<number> {
  const { rows } = await sql<{ sum: number }>`
    with shown as (
      select b.day, l.type, l.trade_no, l.out_trade_no, l.request_no, l.attempt_id, l.refund_id
      from bill_lines l join bills b on b.id = l.bill_id where b.kind = 'trade'),
    told as (
      select 'pay:' || attempt_id as key, min(day) as day from shown
        where type = 'payment' and attempt_id is not null group by 1
      union all select 'unmatched:' || out_trade_no, min(day) from shown
        where type = 'payment' and attempt_id is null group by 1
      union all select 'fee:' || trade_no, min(day) from shown where type = 'payment' group by 1
      union all select 'fee_back:' || trade_no || ':' || coalesce(request_no, ''), min(day) from shown
        where type = 'refund' group by 1
      union all select 'refund:' || refund_id, min(day) from shown where refund_id is not null group by 1
      union all select 'fee:' || l.trade_no, min(b.day) from bill_lines l join bills b on b.id = l.bill_id
        where b.kind = 'account' and l.type = 'fee' group by 1),
    keyed as (select key, min(day) as day from told group by key)
    select coalesce(sum(e.amount_fen), 0)::bigint as sum
    from ledger_entries e
    join ledger_transactions t on t.id = e.tx_id
    left join keyed k on k.key = t.business_key
    left join payment_attempts a on a.id = t.attempt_id
    left join refunds r on r.id = t.refund_id
    left join gateway_facts f on f.id = t.fact_id
    where e.account = 'CLEARING' and coalesce(a.provider, r.provider, f.provider, 'alipay') = ${provider}
      and coalesce(k.day, ((t.posted_at + ${SKEW}::interval) at time zone 'Asia/Shanghai')::date) <= ${day}::date`.execute(
    db,
  )
  return rows[0]?.sum ?? 0
}
