-- Why: a night is sold once, an order moves only along its graph, and both stay true whatever the code does.
create extension if not exists btree_gist;

create table orders (
  id              bigint generated always as identity primary key,
  guest_id        bigint      not null references users (id),
  host_id         bigint      not null references users (id),
  house_id        bigint      not null references houses (id),
  start_date      date        not null,
  end_date        date        not null,
  days            integer     not null,
  guest_count     integer     not null,
  house_price_fen bigint      not null,
  amount_fen      bigint      not null,
  status          text        not null,
  close_reason    text,
  cancel_note     text,
  reject_reason   text,
  comment         text,
  trade_no        text,
  cancel_rule     jsonb       not null,
  accept_by       timestamptz not null,
  pay_by          timestamptz,
  paid_at         timestamptz,
  checked_out_at  timestamptz,
  completed_at    timestamptz,
  counted_at      timestamptz,
  status_at       timestamptz not null,
  version         integer     not null default 1,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,

  constraint orders_status_known check (status in
    ('WAIT_ACCEPT', 'WAIT_PAYMENT', 'CLOSING', 'PAID', 'WAIT_COMMENT', 'COMPLETE', 'CANCELED', 'REJECTED')),
  constraint orders_end_after_they_start   check (end_date > start_date),
  constraint orders_days_are_the_nights    check (days = end_date - start_date),
  constraint orders_amount_is_price_by_nights check (amount_fen = house_price_fen * days and amount_fen > 0),
  constraint orders_guests_counted         check (guest_count between 1 and 100),
  constraint orders_nobody_books_own_house check (guest_id <> host_id),
  constraint orders_close_reason_known     check (close_reason in ('expired', 'guest', 'host', 'system')),
  constraint orders_close_reason_when_closed
    check ((close_reason is not null) = (status in ('CLOSING', 'CANCELED'))),
  constraint orders_cancel_note_when_closed
    check (cancel_note is null or (status in ('CLOSING', 'CANCELED') and char_length(cancel_note) between 1 and 200)),
  constraint orders_reject_reason_when_rejected check ((reject_reason is not null) = (status = 'REJECTED')),
  constraint orders_reject_reason_fits     check (char_length(reject_reason) between 1 and 200),
  constraint orders_comment_when_complete  check (comment is null or status = 'COMPLETE'),
  constraint orders_comment_fits           check (char_length(comment) between 1 and 500),
  constraint orders_trade_no_when_paid
    check (trade_no is null or status in ('PAID', 'WAIT_COMMENT', 'COMPLETE', 'CANCELED')),
  constraint orders_paid_at_when_paid
    check (case when status in ('PAID', 'WAIT_COMMENT', 'COMPLETE') then paid_at is not null
                when status = 'CANCELED' then true else paid_at is null end),
  constraint orders_pay_by_after_accept
    check (case when status in ('WAIT_ACCEPT', 'REJECTED') then pay_by is null
                when status = 'CANCELED' then true else pay_by is not null end),
  constraint orders_counted_when_complete  check ((counted_at is not null) = (status = 'COMPLETE')),
  constraint orders_own_trade              unique (trade_no)
)
with (fillfactor = 85);

create index orders_of_guest     on orders (guest_id, id desc);
create index orders_of_host      on orders (host_id, id desc);
create index orders_comments     on orders (house_id, completed_at desc, id desc) where comment is not null;
create index orders_of_house     on orders (house_id, id);
create index orders_to_lapse     on orders (accept_by)      where status = 'WAIT_ACCEPT';
create index orders_to_close     on orders (pay_by)         where status = 'WAIT_PAYMENT';
create index orders_to_check_out on orders (end_date)       where status = 'PAID';
create index orders_to_complete  on orders (checked_out_at) where status = 'WAIT_COMMENT';

-- The same graph stands in core/orders/lifecycle.ts; a test compares the two.
create table order_moves (
  from_status text not null,
  to_status   text not null,
  primary key (from_status, to_status)
);
insert into order_moves (from_status, to_status) values
  ('WAIT_ACCEPT', 'WAIT_PAYMENT'), ('WAIT_ACCEPT', 'REJECTED'), ('WAIT_ACCEPT', 'CANCELED'),
  ('WAIT_PAYMENT', 'PAID'), ('WAIT_PAYMENT', 'CLOSING'), ('WAIT_PAYMENT', 'CANCELED'),
  ('CLOSING', 'CANCELED'), ('CLOSING', 'PAID'),
  ('PAID', 'WAIT_COMMENT'), ('PAID', 'CANCELED'),
  ('WAIT_COMMENT', 'COMPLETE');

create function orders_keep_their_word() returns trigger language plpgsql as $$
begin
  if new.status is distinct from old.status then
    if not exists (select 1 from order_moves m where m.from_status = old.status and m.to_status = new.status) then
      raise exception 'order % cannot move from % to %', old.id, old.status, new.status
        using errcode = 'check_violation', constraint = 'orders_move_along_the_graph';
    end if;
    if old.status = 'CLOSING' and new.status = 'PAID' and old.close_reason <> 'expired' then
      raise exception 'order % was closed by a person and cannot be paid', old.id
        using errcode = 'check_violation', constraint = 'orders_move_along_the_graph';
    end if;
    if new.version <> old.version + 1 then
      raise exception 'order % changes status without a new version', old.id
        using errcode = 'check_violation', constraint = 'orders_version_rises';
    end if;
  end if;
  if (new.guest_id, new.host_id, new.house_id, new.start_date, new.end_date, new.house_price_fen, new.amount_fen,
      new.guest_count, new.cancel_rule, new.accept_by, new.created_at)
     is distinct from
     (old.guest_id, old.host_id, old.house_id, old.start_date, old.end_date, old.house_price_fen, old.amount_fen,
      old.guest_count, old.cancel_rule, old.accept_by, old.created_at)
     or (old.pay_by is not null and new.pay_by is distinct from old.pay_by)
     or (old.trade_no is not null and new.trade_no is distinct from old.trade_no)
     or (old.comment is not null and new.comment is distinct from old.comment) then
    raise exception 'order % keeps what was agreed', old.id
      using errcode = 'check_violation', constraint = 'orders_keep_what_was_agreed';
  end if;
  return new;
end $$;
create trigger orders_keep_their_word before update on orders
  for each row execute function orders_keep_their_word();

create table order_history (
  id          bigint generated always as identity primary key,
  order_id    bigint      not null references orders (id),
  from_status text,
  to_status   text        not null,
  actor       text        not null,
  actor_id    bigint,
  reason      text,
  at          timestamptz not null,

  constraint order_history_actor_known check (actor in ('guest', 'host', 'operator', 'system', 'gateway'))
);
create index order_history_of_order on order_history (order_id, id);

-- A stay is the half-open range of nights [start_date, end_date). hold_until is set exactly while it is only held.
create table stays (
  id          bigint generated always as identity primary key,
  house_id    bigint      not null references houses (id),
  order_id    bigint      references orders (id),
  kind        text        not null,
  start_date  date        not null,
  end_date    date        not null,
  state       text        not null,
  hold_until  timestamptz,
  created_at  timestamptz not null,
  released_at timestamptz,

  constraint stays_kind_known          check (kind in ('booking', 'block')),
  constraint stays_state_known         check (state in ('held', 'confirmed', 'released')),
  constraint stays_booking_has_order   check ((kind = 'booking') = (order_id is not null)),
  constraint stays_end_after_they_start check (end_date > start_date),
  constraint stays_hold_ends           check ((state = 'held') = (hold_until is not null)),
  constraint stays_release_has_a_time  check ((state = 'released') = (released_at is not null)),
  constraint stays_block_is_not_held   check (kind = 'booking' or state <> 'held'),
  constraint stays_one_per_order       unique (order_id),
  constraint stays_share_no_night
    exclude using gist (house_id with =, daterange(start_date, end_date, '[)') with &&)
    where (state in ('held', 'confirmed'))
);
create index stays_of_house on stays (house_id, end_date) where state in ('held', 'confirmed');

-- houses.busy in the same statement as the stay, so that no code path can forget it.
create function stays_tell_the_house() returns trigger language plpgsql as $$
declare
  freed datemultirange := '{}';
  taken datemultirange := '{}';
begin
  if tg_op <> 'INSERT' and old.state in ('held', 'confirmed') then
    freed := datemultirange(daterange(old.start_date, old.end_date, '[)'));
  end if;
  if tg_op <> 'DELETE' and new.state in ('held', 'confirmed') then
    taken := datemultirange(daterange(new.start_date, new.end_date, '[)'));
  end if;
  if freed is distinct from taken then
    update houses set busy = busy - freed + taken where id = coalesce(new.house_id, old.house_id);
  end if;
  return null;
end $$;
create trigger stays_tell_the_house after insert or delete or update on stays
  for each row execute function stays_tell_the_house();
