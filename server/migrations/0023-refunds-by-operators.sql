-- Why: an operator may give back a part of what a guest paid, and end a refund that no machine can carry out. Above a
-- sum, and always where money leaves by another way or is no longer owed, a second operator has to agree (promises R13,
-- product.md 3.6). What was wished for stays on the record, whatever became of it.

alter table refunds
  -- In the operator's words; the people of the order do not read it.
  add column note text,
  add constraint refunds_note_fits check (char_length(note) between 1 and 200);

create table refund_requests (
  id            bigint generated always as identity primary key,
  kind          text        not null,
  -- A part to give back: the order, how much and why.
  order_id      bigint      references orders (id),
  amount_fen    bigint,
  reason        text,
  -- The refund that a person ends, or the one that an approved part became.
  refund_id     bigint      references refunds (id),
  note          text        not null,
  state         text        not null default 'asked',
  asked_by      bigint      not null references operators (id),
  asked_at      timestamptz not null,
  decided_by    bigint      references operators (id),
  decided_at    timestamptz,
  decision_note text,

  constraint refund_requests_kind_known  check (kind in ('part', 'transfer', 'void')),
  constraint refund_requests_state_known check (state in ('asked', 'approved', 'declined')),
  constraint refund_requests_part_is_whole
    check ((kind = 'part') = (order_id is not null and amount_fen is not null and reason is not null)),
  constraint refund_requests_amount_is_some check (amount_fen > 0),
  constraint refund_requests_reason_known check (reason in ('system_cancel', 'early_end', 'dispute')),
  constraint refund_requests_end_a_refund
    check (case when kind = 'part' then (refund_id is not null) = (state = 'approved') else refund_id is not null end),
  constraint refund_requests_decided_is_whole
    check ((state = 'asked') = (decided_by is null) and (decided_by is null) = (decided_at is null)),
  constraint refund_requests_take_two check (decided_by <> asked_by),
  constraint refund_requests_notes_fit
    check (char_length(note) between 1 and 200 and char_length(decision_note) between 1 and 200)
);
create unique index refund_requests_one_end_at_a_time on refund_requests (refund_id)
  where state = 'asked' and kind <> 'part';
create index refund_requests_open on refund_requests (id) where state = 'asked';
create index refund_requests_of_order on refund_requests (order_id, id);
create index refunds_by_state on refunds (state, id);

-- A decision is made once and the wish is never another one afterwards.
create function refund_requests_stay_decided() returns trigger language plpgsql as $$
begin
  if old.state <> 'asked'
     or (new.kind, new.order_id, new.amount_fen, new.reason, new.note, new.asked_by, new.asked_at)
        is distinct from (old.kind, old.order_id, old.amount_fen, old.reason, old.note, old.asked_by, old.asked_at) then
    raise exception 'refund request % keeps what was asked and decided', old.id
      using errcode = 'check_violation', constraint = 'refund_requests_stay_decided';
  end if;
  return new;
end $$;
create trigger refund_requests_stay_decided before update on refund_requests
  for each row execute function refund_requests_stay_decided();

-- Operators who move money send a key as guests do, and have no account to keep it under.
alter table idempotency_keys
  drop constraint idempotency_keys_pkey,
  alter column user_id drop not null,
  add column operator_id bigint references operators (id),
  add constraint idempotency_keys_belong_to_one check (num_nonnulls(user_id, operator_id) = 1),
  add constraint idempotency_keys_of_user unique (user_id, key),
  add constraint idempotency_keys_of_operator unique (operator_id, key);

do $$
begin
  if exists (select 1 from pg_roles where rolname = 'ihome_app') then
    grant select, insert, update on refund_requests to ihome_app;
    grant usage, select on all sequences in schema public to ihome_app;
  end if;
end $$;
