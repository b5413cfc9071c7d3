/**
 * What may never be otherwise, as queries that give the rows that break it. They read the `audit` views and nothing
 * else, so they serve three times: after the commands of a test, in `npm run prove`, and in `npm run db:check`.
 * An id is the letter of its rule (docs/words.md): C of nights, O of orders, P of attempts and so on; V1 to V5 hold
 * across several views.
 */
export interface Invariant {
  readonly id: string
  /** The promise in one sentence. */
  readonly why: string
  /** Gives one row per violation, with the ids that a person needs to look it up. */
  readonly sql: string
  /** True for what holds only when nothing is under way, such as a refund that has not been sent yet. */
  readonly atRest?: true
}

export const INVARIANTS: readonly Invariant[] = [
  {
    id: 'C1',
    why: 'No two held or confirmed stays of one house share a night.',
    sql: `select a.stay_id, b.stay_id as other_stay_id, a.house_id
          from audit.stays a join audit.stays b on b.house_id = a.house_id and b.stay_id::bigint > a.stay_id::bigint
          where a.state in ('held', 'confirmed') and b.state in ('held', 'confirmed')
            and a.check_in < b.check_out and b.check_in < a.check_out`,
  },
  {
    id: 'C5',
    why: 'A stay ends after it begins, and its nights are the difference.',
    sql: `select order_id, check_in, check_out, nights from audit.orders
          where check_out <= check_in or nights <> check_out - check_in`,
  },
  {
    id: 'C7a',
    why: 'A held booking has an end of its hold and exactly one live order.',
    sql: `select s.stay_id, s.order_id, o.status from audit.stays s left join audit.orders o on o.order_id = s.order_id
          where s.kind = 'booking' and s.state = 'held'
            and (s.hold_until is null or o.status is null or o.status not in ('WAIT_ACCEPT', 'WAIT_PAYMENT', 'CLOSING'))`,
  },
  {
    id: 'C7b',
    why: 'A confirmed booking has exactly one order that is paid, waits for its comment or is complete.',
    sql: `select s.stay_id, s.order_id, o.status from audit.stays s left join audit.orders o on o.order_id = s.order_id
          where s.kind = 'booking' and s.state = 'confirmed'
            and (o.status is null or o.status not in ('PAID', 'WAIT_COMMENT', 'COMPLETE'))`,
  },
  {
    id: 'C7c',
    why: 'An order has exactly one booking, with its dates and its house.',
    sql: `select o.order_id, count(s.stay_id) as bookings from audit.orders o
          left join audit.stays s on s.order_id = o.order_id and s.kind = 'booking' and s.house_id = o.house_id
            and s.check_in = o.check_in and s.check_out = o.check_out
          group by o.order_id having count(s.stay_id) <> 1`,
  },
  {
    id: 'C8',
    why: 'A rejected or cancelled order owns no nights.',
    sql: `select o.order_id, o.status, s.state from audit.orders o join audit.stays s on s.order_id = o.order_id
          where o.status in ('REJECTED', 'CANCELED') and s.state <> 'released'`,
  },
  {
    id: 'C12',
    why: 'Nobody books a house of their own.',
    sql: 'select order_id, guest_id from audit.orders where guest_id = host_id',
  },
  {
    id: 'O3',
    why: 'The total is nights plus fees, and more than nothing.',
    sql: `select order_id, nights_fen, fees_fen, total_fen from audit.orders
          where total_fen <> nights_fen + fees_fen or total_fen <= 0`,
  },
  {
    id: 'O4',
    why: 'Applied money is the total once paid, and nothing where nobody has paid.',
    sql: `select order_id, status, applied_fen, total_fen from audit.orders
          where case when status in ('PAID', 'WAIT_COMMENT', 'COMPLETE') then applied_fen <> total_fen
                     when status = 'CANCELED' and paid_at is not null then applied_fen <> total_fen
                     else applied_fen <> 0 end`,
  },
  {
    id: 'O6',
    why: 'A guest has at most three unpaid live orders.',
    sql: `select guest_id, count(*) as unpaid from audit.orders where status in ('WAIT_ACCEPT', 'WAIT_PAYMENT', 'CLOSING')
          group by guest_id having count(*) > 3`,
  },
  {
    id: 'O7',
    why: 'The window to accept is set from the start, the window to pay from acceptance on.',
    sql: `select order_id, status from audit.orders
          where accept_by is null or accept_by < created_at
             or (status in ('WAIT_PAYMENT', 'CLOSING', 'PAID', 'WAIT_COMMENT', 'COMPLETE') and pay_by is null)
             or (status = 'WAIT_ACCEPT' and pay_by is not null)`,
  },
  {
    id: 'O11',
    why: 'An order is counted for its house exactly when it is complete.',
    sql: `select order_id, status from audit.orders where (counted_at is not null) <> (status = 'COMPLETE')`,
  },
  {
    id: 'O12',
    why: 'A closed order says why, and no other does.',
    sql: `select order_id, status, close_reason from audit.orders
          where (close_reason is not null) <> (status in ('CLOSING', 'CANCELED'))`,
  },
  {
    id: 'P2',
    why: 'A number at the gateway is well-formed and belongs to one attempt.',
    sql: `select min(attempt_id) as attempt_id, out_trade_no from audit.attempts group by out_trade_no
          having count(*) > 1 or out_trade_no !~ '^[0-9A-Za-z_]{16,64}$'`,
  },
  {
    id: 'P5',
    why: 'An attempt asks for the total of its order and ends no later than its window.',
    sql: `select a.attempt_id, a.order_id from audit.attempts a join audit.orders o on o.order_id = a.order_id
          where a.amount_fen <> o.total_fen or (o.pay_by is not null and a.time_expire > o.pay_by)`,
  },
  {
    id: 'P6',
    why: 'An order has at most one attempt that could take money.',
    sql: `select order_id, count(*) as live from audit.attempts where state in ('NEW', 'OPEN', 'CLOSING')
          group by order_id having count(*) > 1`,
  },
  {
    id: 'P7',
    why: 'Money received and where it went are told exactly by attempts that took money.',
    sql: `select attempt_id, state, disposition, received_fen from audit.attempts
          where (disposition is not null) <> (state in ('SUCCEEDED', 'MISMATCH'))
             or (received_fen > 0) <> (state in ('SUCCEEDED', 'MISMATCH'))
             or (state = 'MISMATCH' and disposition <> 'SURPLUS')
             or (state = 'SUCCEEDED' and (received_fen <> amount_fen or succeeded_at is null))`,
  },
  {
    id: 'P14',
    why: 'A trade of the gateway belongs to at most one attempt.',
    sql: `select trade_no, count(*) as attempts from audit.attempts where trade_no is not null
          group by trade_no having count(*) > 1`,
  },
  {
    id: 'P15',
    why: 'What was not verified had no effect.',
    sql: `select fact_id, effect from audit.facts
          where (not verified and effect not in ('rejected', 'none')) or (effect = 'rejected') <> (reject_reason is not null)`,
  },
  {
    id: 'R1',
    why: 'No more is promised back than came in, and no more goes back than came in.',
    sql: `select a.attempt_id, a.received_fen, sum(r.amount_fen) as promised_fen, sum(r.done_fen) as returned_fen
          from audit.attempts a join audit.refunds r on r.attempt_id = a.attempt_id and r.state <> 'VOID'
          group by a.attempt_id, a.received_fen
          having sum(r.amount_fen) > a.received_fen or sum(r.done_fen) > a.received_fen`,
  },
  {
    id: 'R3',
    why: 'A refund number belongs to one refund of its trade; ours belong to one refund of all.',
    sql: `select out_request_no, count(*) as refunds from audit.refunds where out_request_no is not null
          group by out_request_no, case when state = 'EXTERNAL' then out_trade_no end having count(*) > 1`,
  },
  {
    id: 'R12',
    why: 'A refund that needs a person has one, and a date.',
    sql: `select refund_id from audit.refunds where state = 'MANUAL' and (owner is null or due_at is null)`,
  },
  {
    id: 'L1',
    why: 'Every transaction has two entries or more and sums to nothing.',
    sql: `select t.tx_id, count(e.seq) as entries, coalesce(sum(e.amount_fen), 0) as sum_fen
          from audit.ledger_tx t left join audit.ledger_entry e on e.tx_id = t.tx_id
          group by t.tx_id having count(e.seq) < 2 or sum(e.amount_fen) <> 0`,
  },
  {
    id: 'L3',
    why: 'One effect is posted once.',
    sql: 'select business_key, count(*) as postings from audit.ledger_tx group by business_key having count(*) > 1',
  },
  {
    id: 'L5a',
    why: 'What is held for an order is never negative.',
    sql: `select owner_id as order_id, -sum(amount_fen) as held_fen from audit.ledger_entry where account = 'GUEST_ESCROW'
          group by owner_id having sum(amount_fen) > 0`,
  },
  {
    id: 'L5b',
    why: 'Nothing is held any more for an order that is over without a stay.',
    sql: `select o.order_id, o.status, -sum(e.amount_fen) as held_fen from audit.orders o
          join audit.ledger_entry e on e.account = 'GUEST_ESCROW' and e.owner_id = o.order_id
          where o.status in ('CANCELED', 'REJECTED') group by o.order_id, o.status having sum(e.amount_fen) <> 0`,
  },
  {
    id: 'L7',
    why: 'At rest nothing is owed back and nothing is unexplained.',
    atRest: true,
    sql: `select account, owner_id, -sum(amount_fen) as open_fen from audit.ledger_entry
          where account in ('SUSPENSE', 'REFUND_PAYABLE') group by account, owner_id having sum(amount_fen) <> 0`,
  },
  {
    id: 'L9',
    why: 'All entries of all accounts sum to nothing.',
    sql: 'select sum(amount_fen) as sum_fen from audit.ledger_entry having sum(amount_fen) <> 0',
  },
  {
    id: 'L10',
    why: 'Every posting has a cause, and a reversal names what it reverses.',
    sql: `select tx_id, event from audit.ledger_tx
          where num_nonnulls(order_id, attempt_id, refund_id, payout_id, fact_id) = 0
             or (event = 'reversal') <> (reverses_tx_id is not null)`,
  },
  {
    id: 'T1',
    why: 'Nothing is sent to a host before a day after check-in.',
    sql: `select p.payout_id, p.state, p.not_before, p.sent_at from audit.payouts p
            join audit.orders o on o.order_id = p.order_id
          where p.sent_at < p.not_before
             or p.not_before < ((o.check_in + time '14:00') at time zone 'Asia/Shanghai') + interval '24 hours'`,
  },
  {
    id: 'T2',
    why: 'A number of a transfer is well-formed and belongs to one payout.',
    sql: `select min(payout_id) as payout_id, out_biz_no from audit.payouts group by out_biz_no
          having count(*) > 1 or out_biz_no !~ '^[0-9A-Za-z_]{16,64}$'`,
  },
  {
    id: 'T3',
    why: 'What is promised to a host is covered by what we owe, beyond what a clawback took since.',
    sql: `select p.host_id, p.promised_fen, coalesce(o.owed_fen, 0) as owed_fen
          from (select host_id, sum(amount_fen) as promised_fen from audit.payouts
                where state in ('SCHEDULED', 'SENT', 'UNKNOWN', 'RETRY', 'MANUAL') group by host_id) p
          left join (select owner_id, -sum(amount_fen) as owed_fen from audit.ledger_entry
                     where account = 'HOST_PAYABLE' group by owner_id) o on o.owner_id = p.host_id
          where p.promised_fen > coalesce(o.owed_fen, 0)`,
  },
  {
    id: 'T6',
    why: 'We never paid out more than came in and stayed: what is cleared is not less than nothing.',
    sql: `select sum(amount_fen) as cleared_fen from audit.ledger_entry where account = 'CLEARING'
          having sum(amount_fen) < 0`,
  },
  {
    id: 'S4',
    why: 'A session that ended says why, and no other does.',
    sql: 'select session_hash from audit.sessions where (ended_at is null) <> (end_reason is null)',
  },
  {
    id: 'X3',
    why: 'No message is both sent and given up, and none is sent before it exists.',
    sql: `select message_id, dedupe_key from audit.outbox
          where (sent_at is not null and dead_at is not null) or sent_at < created_at`,
  },
  {
    id: 'V1',
    why: 'pay:<attempt> is posted exactly for attempts that took money, and clears exactly what was received.',
    sql: `with posted as (
            select t.business_key, t.event, sum(e.amount_fen) filter (where e.account = 'CLEARING') as clearing_fen
            from audit.ledger_tx t join audit.ledger_entry e on e.tx_id = t.tx_id
            where t.business_key like 'pay:%' group by t.tx_id, t.business_key, t.event
          ), expected as (
            select 'pay:' || attempt_id as business_key, received_fen,
                   case when state = 'MISMATCH' then 'pay_suspense' when disposition = 'SURPLUS' then 'pay_surplus'
                        else 'pay_applied' end as event
            from audit.attempts where state in ('SUCCEEDED', 'MISMATCH')
          )
          select coalesce(p.business_key, x.business_key) as business_key, p.event, x.event as expected_event,
                 p.clearing_fen, x.received_fen
          from posted p full join expected x on x.business_key = p.business_key
          where p.business_key is null or x.business_key is null or p.event <> x.event
             or p.clearing_fen is distinct from x.received_fen`,
  },
  {
    id: 'V2a',
    why: 'Each refund that succeeded has one refund posting, each external one its own, and no other has any.',
    sql: `select r.refund_id, r.state, count(t.tx_id) as postings from audit.refunds r
          left join audit.ledger_tx t on t.refund_id = r.refund_id and t.event in ('refund', 'external_refund')
          group by r.refund_id, r.state
          having count(t.tx_id) filter (where t.event = 'refund') <> case when r.state = 'SUCCEEDED' then 1 else 0 end
              or count(t.tx_id) filter (where t.event = 'external_refund')
                 <> case when r.state = 'EXTERNAL' then 1 else 0 end`,
  },
  {
    id: 'V2b',
    why: 'At rest the refunds of surplus money add up to all of it.',
    atRest: true,
    sql: `select a.attempt_id, a.received_fen, coalesce(sum(r.amount_fen), 0) as refunds_fen from audit.attempts a
          left join audit.refunds r on r.attempt_id = a.attempt_id and r.state <> 'VOID'
          where a.disposition = 'SURPLUS' group by a.attempt_id, a.received_fen
          having coalesce(sum(r.amount_fen), 0) <> a.received_fen`,
  },
  {
    id: 'V3',
    why: 'Each payout that succeeded has one payout posting of its amount, a returned one also that of the way back.',
    sql: `select p.payout_id, p.state, count(t.tx_id) as postings from audit.payouts p
          left join audit.ledger_tx t on t.payout_id = p.payout_id and t.event in ('payout', 'payout_returned')
          left join audit.ledger_entry e on e.tx_id = t.tx_id and e.account = 'HOST_PAYABLE'
          group by p.payout_id, p.state, p.amount_fen
          having count(t.tx_id) filter (where t.event = 'payout')
                 <> case when p.state in ('SUCCEEDED', 'RETURNED') then 1 else 0 end
              or count(t.tx_id) filter (where t.event = 'payout_returned')
                 <> case when p.state = 'RETURNED' then 1 else 0 end
              or bool_or(abs(e.amount_fen) <> p.amount_fen)`,
  },
  {
    id: 'V4a',
    why: 'An order that was paid for says when, has its nights, and both sides were told once.',
    sql: `select o.order_id, o.status from audit.orders o
          left join audit.stays s on s.order_id = o.order_id and s.kind = 'booking' and s.state = 'confirmed'
          left join audit.outbox g on g.dedupe_key = 'paid:' || o.order_id || ':guest'
          left join audit.outbox h on h.dedupe_key = 'paid:' || o.order_id || ':host'
          where o.status in ('PAID', 'WAIT_COMMENT', 'COMPLETE')
            and (o.paid_at is null or s.stay_id is null or g.message_id is null or h.message_id is null)`,
  },
  {
    id: 'V4b',
    why: 'Nobody is told of a payment that never was.',
    sql: `select o.order_id, m.dedupe_key from audit.orders o
          join audit.outbox m on m.dedupe_key in ('paid:' || o.order_id || ':guest', 'paid:' || o.order_id || ':host')
          where o.paid_at is null`,
  },
  {
    id: 'V4c',
    why: 'A paid order stands on exactly one attempt that was applied to it.',
    sql: `select o.order_id, o.status, count(a.attempt_id) as applied from audit.orders o
          left join audit.attempts a on a.order_id = o.order_id and a.disposition = 'APPLIED'
          group by o.order_id, o.status, o.paid_at
          having count(a.attempt_id) <> case when o.paid_at is not null then 1 else 0 end`,
  },
  {
    id: 'H1',
    why: 'What a house says of its score is what the reviews that can be seen say.',
    sql: `select h.house_id, h.review_count, h.score_sum from audit.house_scores h
          left join audit.reviews r on r.house_id = h.house_id and r.hidden_at is null
          group by h.house_id, h.review_count, h.score_sum
          having h.review_count <> count(r.overall) or h.score_sum <> coalesce(sum(r.overall), 0)`,
  },
  {
    id: 'H2',
    why: 'A review belongs to a completed order of its house.',
    sql: `select r.order_id, r.house_id, o.status from audit.reviews r
          left join audit.orders o on o.order_id = r.order_id and o.house_id = r.house_id
          where o.order_id is null or o.status <> 'COMPLETE'`,
  },
  {
    id: 'V5',
    why: 'What has passed through clearing is what came in less what went back, and the fees of the bill.',
    sql: `with moved as (
            select coalesce(sum(e.amount_fen), 0) as clearing_fen from audit.ledger_entry e where e.account = 'CLEARING'
          ), known as (
            select coalesce((select sum(received_fen) from audit.attempts), 0)
                   + coalesce((select sum(e.amount_fen) from audit.ledger_tx t
                               join audit.ledger_entry e on e.tx_id = t.tx_id and e.account = 'CLEARING'
                               where t.event in ('gateway_fee', 'payout', 'payout_returned')
                                  or (t.event = 'pay_suspense' and t.attempt_id is null)
                                  or t.reverses_tx_id in (select s.tx_id from audit.ledger_tx s
                                                          where s.event = 'pay_suspense' and s.attempt_id is null)), 0)
                   - coalesce((select sum(done_fen) from audit.refunds), 0) as known_fen
          )
          select clearing_fen, known_fen from moved, known where clearing_fen <> known_fen`,
  },
]
