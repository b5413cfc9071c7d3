-- Why: Alipay hears of attempts, never of orders; whatever it tells us is kept; and what goes back never exceeds
-- what came in, however many refunds are asked for at once.

create table payment_attempts (
  id               bigint generated always as identity primary key,
  order_id         bigint      not null references orders (id),
  out_trade_no     text        not null,
  amount_fen       bigint      not null,
  app_id           text        not null,
  seller_id        text        not null,
  subject          text        not null,
  time_expire      timestamptz not null,
  state            text        not null,
  disposition      text,
  pay_url          text,
  trade_no         text,
  received_fen     bigint      not null default 0,
  refundable       boolean     not null default true,
  expected_fee_fen bigint,
  billed_fee_fen   bigint,
  queries          integer     not null default 0,
  last_query_at    timestamptz,
  next_query_at    timestamptz,
  lease_until      timestamptz,
  not_exist_seen   integer     not null default 0,
  not_exist_at     timestamptz,
  close_sent_at    timestamptz,
  created_at       timestamptz not null,
  opened_at        timestamptz,
  closed_at        timestamptz,
  succeeded_at     timestamptz,

  constraint payment_attempts_state_known check (state in ('NEW', 'OPEN', 'CLOSING', 'CLOSED', 'SUCCEEDED', 'MISMATCH')),
  constraint payment_attempts_disposition_known check (disposition in ('APPLIED', 'SURPLUS')),
  constraint payment_attempts_disposition_when_paid
    check ((disposition is not null) = (state in ('SUCCEEDED', 'MISMATCH'))),
  constraint payment_attempts_mismatch_is_surplus check (state <> 'MISMATCH' or disposition = 'SURPLUS'),
  constraint payment_attempts_received_when_paid check ((received_fen > 0) = (state in ('SUCCEEDED', 'MISMATCH'))),
  constraint payment_attempts_exact_amount check (state <> 'SUCCEEDED' or received_fen = amount_fen),
  constraint payment_attempts_ask_something check (amount_fen > 0),
  constraint payment_attempts_number_shape check (out_trade_no ~ '^[0-9A-Za-z_]{16,64}$'),
  constraint payment_attempts_own_number unique (out_trade_no),
  constraint payment_attempts_own_trade  unique (trade_no)
);
create unique index payment_attempts_one_live_per_order on payment_attempts (order_id)
  where state in ('NEW', 'OPEN', 'CLOSING');
create unique index payment_attempts_one_applied_per_order on payment_attempts (order_id)
  where disposition = 'APPLIED';
create index payment_attempts_of_order on payment_attempts (order_id, id);
create index payment_attempts_to_ask   on payment_attempts (next_query_at) where next_query_at is not null;

-- Money facts are monotone: nothing moves an attempt away from SUCCEEDED or MISMATCH, and its question never changes.
create function payment_attempts_keep_their_word() returns trigger language plpgsql as $$
begin
  if old.state in ('SUCCEEDED', 'MISMATCH')
     and (new.state, new.received_fen, new.disposition, new.trade_no)
         is distinct from (old.state, old.received_fen, old.disposition, old.trade_no) then
    raise exception 'attempt % is settled', old.id
      using errcode = 'check_violation', constraint = 'payment_attempts_paid_stays_paid';
  end if;
  if (new.order_id, new.out_trade_no, new.amount_fen, new.app_id, new.seller_id, new.created_at)
     is distinct from (old.order_id, old.out_trade_no, old.amount_fen, old.app_id, old.seller_id, old.created_at)
     or new.time_expire > old.time_expire then
    raise exception 'attempt % keeps its question', old.id
      using errcode = 'check_violation', constraint = 'payment_attempts_keep_their_question';
  end if;
  return new;
end $$;
create trigger payment_attempts_keep_their_word before update on payment_attempts
  for each row execute function payment_attempts_keep_their_word();

-- Everything the gateway told us, forged things included. notice_id is unique per entrance among genuine facts.
create table gateway_facts (
  id             bigint generated always as identity primary key,
  entrance       text        not null,
  notice_id      text        not null,
  kind           text        not null,
  out_trade_no   text,
  attempt_id     bigint      references payment_attempts (id),
  trade_no       text,
  trade_status   text,
  app_id         text,
  seller_id      text,
  amount_fen     bigint,
  refund_fee_fen bigint,
  out_request_no text,
  verified       boolean     not null,
  effect         text        not null,
  reject_reason  text,
  raw            text        not null,
  raw_sha256     text        not null,
  received_at    timestamptz not null,
  done_at        timestamptz,

  constraint gateway_facts_entrance_known check (entrance in ('notify', 'return', 'poll', 'manual', 'bill')),
  constraint gateway_facts_kind_known     check (kind in ('paid', 'refund', 'closed', 'not_exist', 'waiting', 'unknown')),
  constraint gateway_facts_effect_known   check (effect in
    ('applied', 'surplus', 'mismatch', 'refund', 'closed', 'none', 'unmatched', 'foreign', 'rejected')),
  constraint gateway_facts_rejected_has_a_reason check ((effect = 'rejected') = (reject_reason is not null)),
  constraint gateway_facts_once_per_notice unique (entrance, notice_id)
);
create index gateway_facts_of_number  on gateway_facts (out_trade_no, id);
create index gateway_facts_of_attempt on gateway_facts (attempt_id, id);

create table refunds (
  id             bigint generated always as identity primary key,
  attempt_id     bigint      references payment_attempts (id),
  order_id       bigint      references orders (id),
  out_trade_no   text        not null,
  out_request_no text,
  amount_fen     bigint      not null,
  reason         text        not null,
  state          text        not null,
  via            text        not null default 'trade',
  done_fen       bigint      not null default 0,
  tries          integer     not null default 0,
  error          text,
  next_try_at    timestamptz,
  lease_until    timestamptz,
  created_at     timestamptz not null,
  sent_at        timestamptz,
  last_query_at  timestamptz,
  settled_at     timestamptz,
  owner          text,
  due_at         timestamptz,

  constraint refunds_state_known check (state in
    ('RESERVED', 'SENT', 'UNKNOWN', 'WAIT_FUNDS', 'SUCCEEDED', 'MANUAL', 'VOID', 'EXTERNAL')),
  constraint refunds_reason_known check (reason in
    ('guest_cancel', 'host_cancel', 'system_cancel', 'surplus', 'mismatch', 'unmatched', 'date_change', 'early_end',
     'external', 'dispute')),
  constraint refunds_via_known          check (via in ('trade', 'transfer')),
  constraint refunds_ask_something      check (amount_fen > 0),
  constraint refunds_number_but_external check (out_request_no is not null or state = 'EXTERNAL'),
  constraint refunds_done_when_settled
    check ((done_fen > 0) = (state in ('SUCCEEDED', 'EXTERNAL')) and done_fen <= amount_fen),
  constraint refunds_settled_has_a_time check ((settled_at is not null) = (state in ('SUCCEEDED', 'VOID', 'EXTERNAL'))),
  constraint refunds_manual_has_an_owner check (state <> 'MANUAL' or (owner is not null and due_at is not null)),
  -- Per trade, as at the gateway: others, refunding in its console, number as they like.
  constraint refunds_own_number         unique (out_trade_no, out_request_no)
);
create unique index refunds_surplus_once on refunds (attempt_id)
  where reason in ('surplus', 'mismatch') and state <> 'VOID';
create index refunds_of_order on refunds (order_id, id);
create index refunds_of_attempt on refunds (attempt_id, id);
create index refunds_due on refunds (next_try_at) where next_try_at is not null;

-- A refund counts from its creation. The attempt is locked first, so two refunds cannot both see the same rest.
create function refunds_never_exceed_what_came() returns trigger language plpgsql as $$
declare
  received bigint;
  promised bigint;
begin
  if tg_op = 'UPDATE' then
    if (new.attempt_id, new.amount_fen, new.out_request_no, new.out_trade_no, new.reason)
       is distinct from (old.attempt_id, old.amount_fen, old.out_request_no, old.out_trade_no, old.reason) then
      raise exception 'refund % keeps its number and amount', old.id
        using errcode = 'check_violation', constraint = 'refunds_keep_number_and_amount';
    end if;
    if old.state in ('SUCCEEDED', 'VOID', 'EXTERNAL') and new.state <> old.state then
      raise exception 'refund % is settled', old.id
        using errcode = 'check_violation', constraint = 'refunds_settled_stays_settled';
    end if;
  end if;
  if new.attempt_id is null or new.state = 'VOID' then return new; end if;
  select received_fen into received from payment_attempts where id = new.attempt_id for no key update;
  select coalesce(sum(amount_fen), 0) into promised from refunds
    where attempt_id = new.attempt_id and state <> 'VOID' and id <> new.id;
  if promised + new.amount_fen > received then
    raise exception 'refunds of attempt % would exceed what was received', new.attempt_id
      using errcode = 'check_violation', constraint = 'refunds_never_exceed_what_came';
  end if;
  return new;
end $$;
create trigger refunds_never_exceed_what_came before insert or update on refunds
  for each row execute function refunds_never_exceed_what_came();

-- What a person must look at: money that fits nowhere, facts that contradict, refunds that need a hand.
create table cases (
  id         bigint generated always as identity primary key,
  kind       text        not null,
  subject    text        not null,
  order_id   bigint      references orders (id),
  state      text        not null default 'open',
  owner      text        not null default 'operator',
  note       text,
  opened_at  timestamptz not null,
  due_at     timestamptz not null,
  closed_at  timestamptz,

  constraint cases_kind_known check (kind in
    ('unmatched', 'mismatch', 'refund_manual', 'contradiction', 'misconfigured', 'overdue_attempt')),
  constraint cases_state_known check (state in ('open', 'closed')),
  constraint cases_closed_has_a_time check ((state = 'closed') = (closed_at is not null))
);
create unique index cases_one_open on cases (kind, subject) where state = 'open';
create index cases_by_state on cases (state, due_at);
