-- Why: where the gateway has done something under a payout's number that no query can explain, another number could pay
-- twice. That was read out of the text of an error; it is a fact of its own now, and it ends when two people of finance,
-- who have looked at the gateway, say the same: it has arrived, or nothing has left.

alter table payouts
  add column in_doubt boolean not null default false,
  add column ending text,
  add column ending_by bigint references operators (id),
  add column ended_by bigint references operators (id);
update payouts set in_doubt = true
 where error ~ '^moved |^(REP_INCONSISTENT|BIZ_UNIQUE_EXCEPTION)$' and state not in ('SUCCEEDED', 'RETURNED');
alter table payouts
  add constraint payouts_ending_known check (ending in ('arrived', 'not_arrived')),
  add constraint payouts_ending_has_its_person check ((ending is null) = (ending_by is null)),
  add constraint payouts_ending_is_of_a_doubt
    check (ending is null or ended_by is not null or (state = 'MANUAL' and in_doubt)),
  add constraint payouts_ending_takes_two check (ended_by is null or (ending is not null and ended_by <> ending_by));

create or replace function payout_keeps_its_word() returns trigger language plpgsql as $$
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
  if old.in_doubt then
    if (new.out_biz_no, new.payee_id) is distinct from (old.out_biz_no, old.payee_id) and new.in_doubt then
      raise exception 'payout % may have moved money under its number', old.id
        using errcode = 'check_violation', constraint = 'payouts_in_doubt_stay_one';
    end if;
    -- Without two people only the gateway ends a doubt, by saying that this number has arrived.
    if not new.in_doubt and new.ended_by is null and (old.state = 'MANUAL' or new.state <> 'SUCCEEDED') then
      raise exception 'the doubt about payout % is for two to end', old.id
        using errcode = 'check_violation', constraint = 'payouts_doubt_ends_by_two';
    end if;
  end if;
  if (old.state, new.state) = ('MANUAL', 'SUCCEEDED') and not (old.in_doubt and new.ended_by is not null and new.ending = 'arrived') then
    raise exception 'payout % has not been seen to arrive', old.id
      using errcode = 'check_violation', constraint = 'payouts_arrive_by_two';
  end if;
  if new.state <> old.state and not (old.state, new.state) in (
       ('ACCRUED', 'SCHEDULED'), ('SCHEDULED', 'ACCRUED'), ('SCHEDULED', 'SENT'),
       ('SENT', 'SUCCEEDED'), ('SENT', 'UNKNOWN'), ('SENT', 'RETRY'), ('SENT', 'MANUAL'),
       ('UNKNOWN', 'SENT'), ('UNKNOWN', 'SUCCEEDED'), ('UNKNOWN', 'RETRY'), ('UNKNOWN', 'MANUAL'),
       ('RETRY', 'SENT'), ('RETRY', 'MANUAL'), ('MANUAL', 'SCHEDULED'),
       ('MANUAL', 'SUCCEEDED'), ('SCHEDULED', 'MANUAL'), ('SUCCEEDED', 'RETURNED')) then
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
