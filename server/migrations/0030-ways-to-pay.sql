-- Why: there can be more than one payment provider. What an attempt was made with is asked there, closed there, and goes
-- back from there, whatever is switched on later; and an address may live shorter than its attempt.

alter table payment_attempts
  add column provider text not null default 'alipay',
  add column pay_url_fresh_until timestamptz,
  add constraint payment_attempts_provider_shape check (provider ~ '^[a-z]{1,16}$');

alter table refunds
  add column provider text not null default 'alipay',
  add constraint refunds_provider_shape check (provider ~ '^[a-z]{1,16}$');

create or replace function payment_attempts_keep_their_word() returns trigger language plpgsql as $$
begin
  if old.state in ('SUCCEEDED', 'MISMATCH')
     and (new.state, new.received_fen, new.disposition, new.trade_no)
         is distinct from (old.state, old.received_fen, old.disposition, old.trade_no) then
    raise exception 'attempt % is settled', old.id
      using errcode = 'check_violation', constraint = 'payment_attempts_paid_stays_paid';
  end if;
  if (new.order_id, new.out_trade_no, new.amount_fen, new.app_id, new.seller_id, new.created_at, new.provider)
     is distinct from (old.order_id, old.out_trade_no, old.amount_fen, old.app_id, old.seller_id, old.created_at,
                       old.provider)
     or new.time_expire > old.time_expire then
    raise exception 'attempt % keeps its question', old.id
      using errcode = 'check_violation', constraint = 'payment_attempts_keep_their_question';
  end if;
  return new;
end $$;

-- Money goes back the way it came, whoever writes the refund.
create function refunds_go_back_the_way_it_came() returns trigger language plpgsql as $$
begin
  if new.attempt_id is not null then
    select provider into new.provider from payment_attempts where id = new.attempt_id;
  elsif tg_op = 'UPDATE' then
    new.provider := old.provider;
  end if;
  return new;
end $$;
create trigger refunds_go_back_the_way_it_came before insert or update of attempt_id, provider on refunds
  for each row execute function refunds_go_back_the_way_it_came();
