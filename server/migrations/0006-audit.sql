-- Why: every promise about nights, money and sessions can be checked by one who knows these views and nothing else.
-- Columns are a contract: new ones only at the end, none renamed or removed. Ids are text, equal to the API's.
create schema if not exists audit;

create view audit.stays as
select s.id::text as stay_id, s.house_id::text, s.kind, s.order_id::text, s.state,
       s.start_date as check_in, s.end_date as check_out, s.hold_until, s.created_at, s.released_at
from stays s;

create view audit.orders as
select o.id::text as order_id, o.house_id::text, o.guest_id::text, o.host_id::text, o.status, o.close_reason, o.version,
       o.start_date as check_in, o.end_date as check_out, o.days as nights,
       o.amount_fen as nights_fen, 0::bigint as fees_fen, o.amount_fen as total_fen,
       coalesce((select -sum(e.amount_fen) from ledger_transactions t join ledger_entries e on e.tx_id = t.id
                 where t.order_id = o.id and e.account = 'PLATFORM_FEE'), 0)::bigint as platform_fee_fen,
       'CNY'::text as currency, o.cancel_rule ->> 'name' as policy,
       coalesce((select -sum(e.amount_fen) from ledger_transactions t join ledger_entries e on e.tx_id = t.id
                 where t.order_id = o.id and t.event = 'pay_applied' and e.account = 'GUEST_ESCROW'), 0)::bigint
         as applied_fen,
       coalesce((select sum(r.done_fen) from refunds r join payment_attempts a on a.id = r.attempt_id
                 where a.order_id = o.id and a.disposition = 'APPLIED' and r.state in ('SUCCEEDED', 'EXTERNAL')), 0)::bigint
         as refunded_fen,
       o.accept_by, o.pay_by, o.created_at, o.status_at, o.paid_at, o.counted_at
from orders o;

create view audit.attempts as
select a.id::text as attempt_id, a.order_id::text, a.out_trade_no, a.trade_no, a.app_id, a.seller_id, a.amount_fen,
       a.received_fen, a.state, a.disposition, a.refundable, a.time_expire, a.created_at, a.opened_at, a.closed_at,
       a.succeeded_at, a.last_query_at, a.next_query_at, a.not_exist_seen
from payment_attempts a;

create view audit.facts as
select f.id::text as fact_id, f.entrance, f.kind, f.out_trade_no, f.attempt_id::text, f.trade_no, f.trade_status,
       f.amount_fen, f.refund_fee_fen, f.out_request_no, f.verified, f.effect, f.reject_reason, f.raw_sha256,
       f.received_at, f.done_at
from gateway_facts f;

create view audit.refunds as
select r.id::text as refund_id, r.attempt_id::text, r.order_id::text, r.out_trade_no, r.out_request_no, r.reason, r.state,
       r.via, r.amount_fen, r.done_fen, r.created_at, r.sent_at, r.last_query_at, r.settled_at, r.owner, r.due_at
from refunds r;

create view audit.ledger_tx as
select t.id::text as tx_id, t.business_key, t.event, t.order_id::text, t.attempt_id::text, t.refund_id::text,
       null::text as payout_id, t.fact_id::text, t.reverses_tx_id::text, t.posted_at
from ledger_transactions t;

create view audit.ledger_entry as
select e.tx_id::text, e.seq, e.account, e.owner_id, e.currency, e.amount_fen
from ledger_entries e;

create view audit.outbox as
select m.id::text as message_id, m.topic, m.dedupe_key, m.order_id::text, m.created_at, m.due_at, m.lease_until, m.tries,
       m.sent_at, m.dead_at, m.error
from outbox m;

create view audit.sessions as
select encode(s.id_digest, 'hex') as session_hash, s.user_id::text, s.created_at, s.last_used_at as seen_at, s.idle_until,
       s.absolute_until, s.step_up_at, s.ended_at, s.end_reason
from sessions s;
