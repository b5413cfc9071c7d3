-- Why: a stay is judged by stars as well as in words, a host answers, and search asks for well-liked homes. The words stay
-- with the order, where they always were; what came with them stands here. review_count and score_sum of a house repeat
-- what the visible rows say, so that lists and search need no look at them; a trigger on reviews alone writes them.

create table reviews (
  order_id      bigint primary key references orders (id),
  house_id      bigint      not null references houses (id),
  overall       smallint,
  clean         smallint,
  accurate      smallint,
  location      smallint,
  host          smallint,
  reply         text,
  replied_at    timestamptz,
  hidden_at     timestamptz,
  hidden_reason text,
  created_at    timestamptz not null,

  constraint reviews_stars_in_range check (
    overall between 1 and 5 and clean between 1 and 5 and accurate between 1 and 5 and location between 1 and 5
    and host between 1 and 5),
  constraint reviews_parts_need_a_whole check (
    overall is not null or coalesce(clean, accurate, location, host) is null),
  constraint reviews_reply_fits check (char_length(reply) between 1 and 500),
  constraint reviews_reply_has_a_time check ((reply is null) = (replied_at is null)),
  constraint reviews_hidden_has_a_reason
    check ((hidden_at is null) = (hidden_reason is null) and char_length(hidden_reason) between 1 and 200)
);
create index reviews_of_house on reviews (house_id, created_at desc, order_id desc) where hidden_at is null;

-- Pictures wait here, under the order, until its review is written; those that it does not name are dropped then.
create table review_photos (
  id          bigint generated always as identity primary key,
  order_id    bigint      not null references orders (id),
  storage_key text        not null,
  position    integer     not null,
  created_at  timestamptz not null,

  constraint review_photos_own_key  unique (storage_key),
  constraint review_photos_position check (position between 0 and 99)
);
create index review_photos_of_order on review_photos (order_id, position, id);

alter table houses
  add column review_count integer not null default 0,
  add column score_sum    integer not null default 0,
  add constraint houses_score_fits check (review_count >= 0 and score_sum between review_count and 5 * review_count);

create function reviews_tell_the_house() returns trigger language plpgsql as $$
declare
  before smallint := case when tg_op <> 'INSERT' and old.hidden_at is null then old.overall end;
  after  smallint := case when tg_op <> 'DELETE' and new.hidden_at is null then new.overall end;
begin
  if before is distinct from after then
    update houses
       set review_count = review_count - (before is not null)::integer + (after is not null)::integer,
           score_sum = score_sum - coalesce(before, 0) + coalesce(after, 0)
     where id = coalesce(new.house_id, old.house_id);
  end if;
  return null;
end $$;
create trigger reviews_tell_the_house after insert or delete or update on reviews
  for each row execute function reviews_tell_the_house();
create trigger reviews_tell_changes after insert or delete or update on reviews
  for each row execute function tell_change('house', 'house_id');

insert into reviews (order_id, house_id, created_at)
select id, house_id, completed_at from orders where comment is not null and completed_at is not null;

create view audit.reviews as
select r.order_id::text, r.house_id::text, r.overall::integer, r.hidden_at, r.created_at from reviews r;
create view audit.house_scores as
select h.id::text as house_id, h.review_count, h.score_sum from houses h;

do $$
begin
  if exists (select 1 from pg_roles where rolname = 'ihome_app') then
    grant select, insert, update on reviews to ihome_app;
    grant select, insert, update, delete on review_photos to ihome_app;
    grant usage, select on all sequences in schema public to ihome_app;
    grant select on all tables in schema audit to ihome_app;
  end if;
  if exists (select 1 from pg_roles where rolname = 'ihome_audit') then
    grant select on all tables in schema audit to ihome_audit;
  end if;
end $$;
