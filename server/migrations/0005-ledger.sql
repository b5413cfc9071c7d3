-- Why: what an order has received is a sum, not a flag. Double entry, append only, integer fen.
-- Debit is positive, credit negative.

create table ledger_transactions (
  id             bigint generated always as identity primary key,
  business_key   text        not null,
  event          text        not null,
  order_id       bigint      references orders (id),
  attempt_id     bigint      references payment_attempts (id),
  refund_id      bigint      references refunds (id),
  fact_id        bigint      references gateway_facts (id),
  reverses_tx_id bigint      references ledger_transactions (id),
  posted_at      timestamptz not null,

  constraint ledger_posted_once unique (business_key),
  constraint ledger_event_known check (event in
    ('pay_applied', 'pay_surplus', 'pay_suspense', 'suspense_to_refund', 'cancel', 'accrue', 'refund', 'clawback',
     'payout', 'payout_returned', 'netting', 'gateway_fee', 'external_refund', 'writeoff', 'reversal')),
  constraint ledger_has_a_cause check (num_nonnulls(order_id, attempt_id, refund_id, fact_id) > 0),
  constraint ledger_reversal_names_its_original check ((event = 'reversal') = (reverses_tx_id is not null))
);
create index ledger_transactions_of_order on ledger_transactions (order_id, id);

create table ledger_entries (
  tx_id      bigint  not null references ledger_transactions (id),
  seq        integer not null,
  account    text    not null,
  owner_id   text,
  currency   text    not null default 'CNY',
  amount_fen bigint  not null,

  primary key (tx_id, seq),
  constraint ledger_account_known check (account in
    ('CLEARING', 'GUEST_ESCROW', 'HOST_PAYABLE', 'PLATFORM_FEE', 'GATEWAY_FEE', 'REFUND_PAYABLE', 'SUSPENSE',
     'HOST_RECEIVABLE', 'LOSS')),
  constraint ledger_account_has_its_owner
    check ((owner_id is null) = (account in ('CLEARING', 'GATEWAY_FEE', 'PLATFORM_FEE', 'LOSS'))),
  constraint ledger_currency_known check (currency = 'CNY'),
  constraint ledger_no_empty_entry check (amount_fen <> 0)
);
create index ledger_entries_of_account on ledger_entries (account, owner_id);

create function ledger_transaction_balances() returns trigger language plpgsql as $$
declare
  tx bigint := case tg_table_name when 'ledger_transactions' then (to_jsonb(new) ->> 'id')::bigint
                                  else (to_jsonb(new) ->> 'tx_id')::bigint end;
  lines integer;
  total bigint;
begin
  select count(*), coalesce(sum(amount_fen), 0) into lines, total from ledger_entries where tx_id = tx;
  if lines < 2 or total <> 0 then
    raise exception 'ledger transaction % has % entries that sum to %', tx, lines, total
      using errcode = 'check_violation', constraint = 'ledger_sums_to_zero';
  end if;
  return null;
end $$;
create constraint trigger ledger_sums_to_zero after insert on ledger_transactions
  deferrable initially deferred for each row execute function ledger_transaction_balances();
create constraint trigger ledger_sums_to_zero after insert on ledger_entries
  deferrable initially deferred for each row execute function ledger_transaction_balances();

create function ledger_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is append only: correct by a reversing transaction'
    using errcode = 'insufficient_privilege';
end $$;
create trigger ledger_is_append_only before update or delete or truncate on ledger_transactions
  for each statement execute function ledger_is_append_only();
create trigger ledger_is_append_only before update or delete or truncate on ledger_entries
  for each statement execute function ledger_is_append_only();
create trigger order_history_is_append_only before update or delete or truncate on order_history
  for each statement execute function ledger_is_append_only();
