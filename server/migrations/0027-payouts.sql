-- Why: what a host has earned leaves us once, to an account that is the host's own. One row per earning says where that
-- money stands; the rules here hold even if the program is wrong (promises T1 to T6).

-- Where a host's money goes. A change is a row of its own, so that what was sent is known with the account it went to.
create table payee_accounts (
  id             bigint generated always as identity primary key,
  user_id        bigint      not null references users (id),
  -- Sealed by the program: the login at Alipay and the real name that it must belong to.
  account_sealed bytea       not null,
  account_digest bytea       not null,
  account_mask   text        not null,
  created_at     timestamptz not null,
  usable_from    timestamptz not null,

  constraint payee_accounts_digest_is_sha256 check (octet_length(account_digest) = 32),
  constraint payee_accounts_mask_fits check (char_length(account_mask) between 1 and 64),
  constraint payee_accounts_usable_after_made check (usable_from >= created_at)
);
create index payee_accounts_of_user on payee_accounts (user_id, id desc);

create function payee_account_keeps_its_word() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    -- Only the seal may be renewed, when keys are rotated.
    if (new.user_id, new.created_at, new.usable_from) is distinct from (old.user_id, old.created_at, old.usable_from) then
      raise exception 'an account that money goes to is not changed but followed by another'
        using errcode = 'check_violation', constraint = 'payee_accounts_stay_as_they_are';
    end if;
    return new;
  end if;
  perform 1 from users where id = new.user_id and verified_at is not null for no key update;
  if not found then
    raise exception 'user % is not verified', new.user_id
      using errcode = 'check_violation', constraint = 'payee_accounts_of_the_verified';
  end if;
  if exists (select from payee_accounts where user_id = new.user_id)
     and new.usable_from < new.created_at + interval '72 hours' then
    raise exception 'a changed account waits 72 hours'
      using errcode = 'check_violation', constraint = 'payee_accounts_changes_wait';
  end if;
  return new;
end $$;
create trigger payee_account_keeps_its_word before insert or update on payee_accounts
  for each row execute function payee_account_keeps_its_word();

create table payouts (
  id            bigint generated always as identity primary key,
  host_id       bigint      not null references users (id),
  order_id      bigint      not null references orders (id),
  -- What it pays out: the posting by which the host earned it, or a payout that came back.
  earned_tx_id  bigint      references ledger_transactions (id),
  replaces_id   bigint      references payouts (id),
  out_biz_no    text        not null,
  state         text        not null default 'ACCRUED',
  earned_fen    bigint      not null,
  -- To send, after netting; a plan while ACCRUED.
  amount_fen    bigint      not null,
  netted_fen    bigint      not null default 0,
  payee_id      bigint      references payee_accounts (id),
  not_before    timestamptz not null,
  frozen_reason text,
  -- Set while an operator keeps it back.
  held_at       timestamptz,
  gateway_no    text,
  -- The gateway knows this number as one that failed: it moves nothing any more.
  number_spent  boolean     not null default false,
  created_at    timestamptz not null,
  sent_at       timestamptz,
  last_query_at timestamptz,
  settled_at    timestamptz,
  tries         integer     not null default 0,
  error         text,
  next_try_at   timestamptz,
  lease_until   timestamptz,
  owner         text,
  due_at        timestamptz,

  constraint payouts_own_number unique (out_biz_no),
  constraint payouts_number_fits check (out_biz_no ~ '^[0-9A-Za-z_]{16,64}$'),
  constraint payouts_once_per_earning unique (earned_tx_id),
  constraint payouts_replaced_once unique (replaces_id),
  constraint payouts_have_one_cause check (num_nonnulls(earned_tx_id, replaces_id) = 1),
  constraint payouts_state_known check (state in
    ('ACCRUED', 'SCHEDULED', 'SENT', 'UNKNOWN', 'RETRY', 'SUCCEEDED', 'MANUAL', 'RETURNED')),
  constraint payouts_frozen_reason_known check (frozen_reason in ('refund', 'dispute', 'unverified', 'payee_change')),
  constraint payouts_held_are_frozen check (held_at is null or frozen_reason = 'dispute'),
  constraint payouts_amounts_fit check (earned_fen > 0 and amount_fen >= 0 and netted_fen >= 0
                                        and amount_fen + netted_fen <= earned_fen),
  constraint payouts_sent_have_a_payee check (state = 'ACCRUED' or (payee_id is not null and amount_fen > 0)),
  constraint payouts_not_before_their_time check (sent_at is null or sent_at >= not_before),
  constraint payouts_sent_have_a_time check (state in ('ACCRUED', 'SCHEDULED', 'MANUAL') or sent_at is not null),
  constraint payouts_settled_have_a_time check (state not in ('SUCCEEDED', 'RETURNED') or settled_at is not null),
  constraint payouts_manual_has_an_owner check ((state = 'MANUAL') = (owner is not null and due_at is not null))
);
create index payouts_of_host on payouts (host_id, id desc);
create index payouts_of_order on payouts (order_id);
create index payouts_due on payouts (next_try_at) where next_try_at is not null;
create index payouts_by_state on payouts (state, id desc);
-- The job that opens payouts looks for earnings of the last months; without this it would read the whole ledger.
create index ledger_transactions_earning on ledger_transactions (posted_at) where event in ('accrue', 'cancel');

create function payout_keeps_its_word() returns trigger language plpgsql as $$
begin
  if (new.host_id, new.order_id, new.earned_tx_id, new.replaces_id, new.earned_fen, new.not_before, new.created_at)
     is distinct from
     (old.host_id, old.order_id, old.earned_tx_id, old.replaces_id, old.earned_fen, old.not_before, old.created_at) then
    raise exception 'payout % is for what it was made for', old.id
      using errcode = 'check_violation', constraint = 'payouts_keep_what_they_are_for';
  end if;
  if old.state not in ('ACCRUED', 'SCHEDULED', 'MANUAL')
     and (new.out_biz_no, new.amount_fen, new.netted_fen, new.payee_id)
         is distinct from (old.out_biz_no, old.amount_fen, old.netted_fen, old.payee_id) then
    raise exception 'payout % was sent: it is repeated unchanged or not at all', old.id
      using errcode = 'check_violation', constraint = 'payouts_repeat_unchanged';
  end if;
  if new.state <> old.state and not (old.state, new.state) in (
       ('ACCRUED', 'SCHEDULED'), ('SCHEDULED', 'ACCRUED'), ('SCHEDULED', 'SENT'),
       ('SENT', 'SUCCEEDED'), ('SENT', 'UNKNOWN'), ('SENT', 'RETRY'), ('SENT', 'MANUAL'),
       ('UNKNOWN', 'SENT'), ('UNKNOWN', 'SUCCEEDED'), ('UNKNOWN', 'RETRY'), ('UNKNOWN', 'MANUAL'),
       ('RETRY', 'SENT'), ('RETRY', 'MANUAL'), ('MANUAL', 'SCHEDULED'), ('SUCCEEDED', 'RETURNED')) then
    raise exception 'a payout does not go from % to %', old.state, new.state
      using errcode = 'check_violation', constraint = 'payouts_move_along_their_graph';
  end if;
  if new.state = 'SENT' and old.state = 'SCHEDULED' then
    if new.frozen_reason is not null then
      raise exception 'payout % is frozen', old.id
        using errcode = 'check_violation', constraint = 'payouts_frozen_stay';
    end if;
    if exists (select from refunds where order_id = new.order_id and state not in ('SUCCEEDED', 'VOID', 'EXTERNAL')) then
      raise exception 'a refund of order % is under way', new.order_id
        using errcode = 'check_violation', constraint = 'payouts_wait_for_refunds';
    end if;
    if not exists (select from users where id = new.host_id and verified_at is not null and disabled_at is null) then
      raise exception 'host % is not verified', new.host_id
        using errcode = 'check_violation', constraint = 'payouts_to_the_verified';
    end if;
    if not exists (select from payee_accounts p where p.id = new.payee_id and p.user_id = new.host_id
                     and p.usable_from <= new.sent_at) then
      raise exception 'the account of payout % is not the host''s to use', old.id
        using errcode = 'check_violation', constraint = 'payouts_to_the_host';
    end if;
  end if;
  return new;
end $$;
create trigger payout_keeps_its_word before update on payouts
  for each row execute function payout_keeps_its_word();

-- What is promised to a host and not yet gone is covered by what we owe the host. Looked at when money is promised
-- anew, under a lock of the host's accounts, at the commit; a money fact that comes later is never kept out.
create function payouts_are_covered() returns trigger language plpgsql as $$
declare
  promised bigint;
  owed     bigint;
begin
  if new.state not in ('SCHEDULED', 'SENT', 'UNKNOWN', 'RETRY', 'MANUAL') then return null; end if;
  if tg_op = 'UPDATE' and old.state in ('SCHEDULED', 'SENT', 'UNKNOWN', 'RETRY', 'MANUAL')
     and new.amount_fen <= old.amount_fen then return null; end if;
  perform pg_advisory_xact_lock(hashtextextended('host_payable:' || new.host_id, 0));
  select coalesce(sum(amount_fen), 0) into promised from payouts
    where host_id = new.host_id and state in ('SCHEDULED', 'SENT', 'UNKNOWN', 'RETRY', 'MANUAL');
  select -coalesce(sum(amount_fen), 0) into owed from ledger_entries
    where account = 'HOST_PAYABLE' and owner_id = new.host_id::text;
  if promised > owed then
    raise exception 'payouts of host % promise % of %', new.host_id, promised, owed
      using errcode = 'check_violation', constraint = 'payouts_are_covered';
  end if;
  return null;
end $$;
create constraint trigger payouts_are_covered after insert or update on payouts
  deferrable initially deferred for each row execute function payouts_are_covered();

-- Every answer about a payout, kept before anything is done about it.
create table payout_answers (
  id         bigint generated always as identity primary key,
  payout_id  bigint      not null references payouts (id),
  out_biz_no text        not null,
  call       text        not null,
  kind       text        not null,
  word       text,
  raw        text        not null,
  raw_sha256 text        not null,
  at         timestamptz not null,

  constraint payout_answers_call_known check (call in ('send', 'query')),
  constraint payout_answers_kind_known check (kind in ('fact', 'not_exist', 'refused', 'unknown', 'misconfigured'))
);
create index payout_answers_of_payout on payout_answers (payout_id, id);
