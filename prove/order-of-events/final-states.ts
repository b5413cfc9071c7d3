import type { Bed } from './bed.ts'
import type { End } from './scenarios.ts'

/** What became of an order, its nights and its money: as one text to compare, and in the figures of {@link End}. */
export interface FinalState extends End {
  /** Holds nothing that depends on when or in how many steps it came to this: no ids, no instants, no counts of rows. */
  readonly text: string
}

interface Row {
  readonly order_id: string
  readonly status: string
  readonly order_text: string
  readonly attempts: string
  readonly refunds: string
  readonly accounts: string
  readonly messages: string
  readonly held: string
  readonly owed: string
  readonly back: string
}

/** The state of each order, by its id. */
export async function finalStates(bed: Bed, orderIds: readonly number[]): Promise<Map<number, FinalState>> {
  const { rows } = await bed.database.query<Row>(QUERY, [orderIds.map(String)])
  return new Map(
    rows.map((row) => {
      const text = [row.order_text, row.attempts, row.refunds, row.accounts, row.messages].join('; ')
      const { status, held, owed, back } = row
      return [Number(row.order_id), { text, status, held: Number(held), owed: Number(owed), back: Number(back) }]
    }),
  )
}

// Two refunds by others may have been told as one sum, so refunds count by their amounts. Which of two pages was
// paid first is up to the gateway, so attempts are compared as a set.
const QUERY = `
select o.order_id, o.status,
  concat_ws(' ', o.status, o.close_reason, s.state, case when o.paid_at is null then 'never paid' end) as order_text,
  (select string_agg(concat_ws(' ', a.state, a.disposition, a.received_fen, case when not a.refundable then 'final' end),
                     ', ' order by a.state, a.disposition, a.received_fen, a.refundable)
   from audit.attempts a where a.order_id = o.order_id) as attempts,
  (select string_agg(concat_ws(' ', reason, state, asked, done), ', ' order by reason, state)
   from (select r.reason, r.state, sum(r.amount_fen) as asked, sum(r.done_fen) as done from audit.refunds r
         where r.order_id = o.order_id group by r.reason, r.state) as grouped) as refunds,
  (select string_agg(concat_ws(' ', account, fen), ', ' order by account)
   from (select e.account, sum(e.amount_fen) as fen from audit.ledger_tx t join audit.ledger_entry e using (tx_id)
         where t.order_id = o.order_id group by e.account) as balances where fen <> 0) as accounts,
  (select string_agg(distinct split_part(m.dedupe_key, ':', 1) || ' ' || split_part(m.dedupe_key, ':', 3), ', ')
   from audit.outbox m where m.order_id = o.order_id) as messages,
  coalesce((select -sum(e.amount_fen) from audit.ledger_entry e
            where e.account = 'GUEST_ESCROW' and e.owner_id = o.order_id), 0) as held,
  coalesce((select -sum(e.amount_fen) from audit.ledger_entry e
            where e.account = 'REFUND_PAYABLE' and e.owner_id = o.order_id), 0) as owed,
  coalesce((select sum(r.done_fen) from audit.refunds r where r.order_id = o.order_id), 0) as back
from audit.orders o join audit.stays s on s.order_id = o.order_id
where o.order_id = any($1)`
