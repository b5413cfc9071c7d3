-- Why: a host's calendar. Weekends and single nights have prices of their own, some nights ask for a longer stay, some
-- are closed. An order keeps the price of each of its nights as they were when it was made.

alter table houses
  add column weekend_price_fen bigint,
  -- False until the host has set a single night: bookings of such a house need not look for any.
  add column nights_set boolean not null default false,
  add constraint houses_weekend_price_in_range check (weekend_price_fen between 1 and 9999999);

drop trigger houses_tell_changes on houses;
create trigger houses_tell_changes after insert or delete or update of
  user_id, area_id, title, price_fen, address, room_count, acreage, unit, capacity, beds, deposit_fen, min_days,
  max_days, order_count, index_image_key, listed, instant, taken_down_reason, weekend_price_fen on houses
  for each row execute function tell_change('house', 'id');

-- What the host says of one night; what is null or false is as the house is. Closed nights are also stays of kind
-- 'block', and so exclude orders, and orders them, by the one constraint that sells a night once.
create table house_nights (
  house_id   bigint      not null references houses (id) on delete cascade,
  night      date        not null,
  price_fen  bigint,
  min_days   integer,
  closed     boolean     not null default false,
  updated_at timestamptz not null,
  primary key (house_id, night),

  constraint house_nights_price_in_range    check (price_fen between 1 and 9999999),
  constraint house_nights_min_days_in_range check (min_days between 1 and 365),
  constraint house_nights_say_something     check (price_fen is not null or min_days is not null or closed)
);

create function sum_of_fen(fens bigint[]) returns bigint language sql immutable strict parallel safe
  return (select coalesce(sum(fen), 0)::bigint from unnest(fens) as fen);

alter table orders add column night_prices_fen bigint[] not null default '{}';
update orders set night_prices_fen = array_fill(house_price_fen, array[days]);
alter table orders
  drop constraint orders_amount_is_price_by_nights,
  add constraint orders_amount_is_sum_of_nights
    check (amount_fen = sum_of_fen(night_prices_fen) and amount_fen > 0),
  add constraint orders_every_night_has_a_price
    check (cardinality(night_prices_fen) = days and 0 < all (night_prices_fen));

-- An order that says nothing of single nights has the price of the house for each.
create function orders_price_every_night() returns trigger language plpgsql as $$
begin
  if cardinality(new.night_prices_fen) = 0 then
    new.night_prices_fen := array_fill(new.house_price_fen, array[new.end_date - new.start_date]);
  end if;
  return new;
end $$;
create trigger orders_price_every_night before insert on orders
  for each row execute function orders_price_every_night();

create function orders_keep_night_prices() returns trigger language plpgsql as $$
begin
  raise exception 'order % keeps the prices of its nights', old.id
    using errcode = 'check_violation', constraint = 'orders_keep_what_was_agreed';
end $$;
create trigger orders_keep_night_prices before update of night_prices_fen on orders
  for each row when (new.night_prices_fen is distinct from old.night_prices_fen)
  execute function orders_keep_night_prices();

do $$
begin
  if exists (select 1 from pg_roles where rolname = 'ihome_app') then
    grant select, insert, update, delete on house_nights to ihome_app;
  end if;
end $$;
