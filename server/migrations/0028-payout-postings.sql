-- Why: a payout is a cause of postings like an order or a refund, and whoever checks our promises from outside sees it.
alter table ledger_transactions
  add column payout_id bigint references payouts (id),
  drop constraint ledger_has_a_cause,
  add constraint ledger_has_a_cause check (num_nonnulls(order_id, attempt_id, refund_id, payout_id, fact_id) > 0),
  add constraint ledger_payouts_have_their_cause
    check (event not in ('payout', 'payout_returned', 'netting') or payout_id is not null);
create index ledger_transactions_of_payout on ledger_transactions (payout_id) where payout_id is not null;

create or replace view audit.ledger_tx as
select t.id::text as tx_id, t.business_key, t.event, t.order_id::text, t.attempt_id::text, t.refund_id::text,
       t.payout_id::text as payout_id, t.fact_id::text, t.reverses_tx_id::text, t.posted_at
from ledger_transactions t;

create view audit.payouts as
select p.id::text as payout_id, p.host_id::text, p.order_id::text, p.out_biz_no, p.state, p.amount_fen, p.netted_fen,
       coalesce(encode((select a.account_digest from payee_accounts a
                        where a.id = coalesce(p.payee_id, (select max(n.id) from payee_accounts n
                                                           where n.user_id = p.host_id))), 'hex'), '') as payee_hash,
       p.not_before, p.frozen_reason, p.created_at, p.sent_at, p.last_query_at, p.settled_at
from payouts p;

do $$
begin
  if exists (select 1 from pg_roles where rolname = 'ihome_app') then
    grant select, insert on payee_accounts, payout_answers to ihome_app;
    grant update (account_sealed, account_digest, account_mask) on payee_accounts to ihome_app;
    grant select, insert, update on payouts to ihome_app;
    grant usage, select on all sequences in schema public to ihome_app;
    grant select on audit.payouts to ihome_app;
  end if;
  if exists (select 1 from pg_roles where rolname = 'ihome_audit') then
    grant select on audit.payouts to ihome_audit;
  end if;
end $$;
