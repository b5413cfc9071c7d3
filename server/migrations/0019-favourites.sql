-- Why: people keep the homes they like. One row per heart; nothing else hangs on it.
create table favourites (
  user_id    bigint      not null references users (id),
  house_id   bigint      not null references houses (id) on delete cascade,
  created_at timestamptz not null,
  primary key (user_id, house_id)
);
create index favourites_newest on favourites (user_id, created_at desc, house_id desc);
create index favourites_of_house on favourites (house_id);

do $$
begin
  if exists (select 1 from pg_roles where rolname = 'ihome_app') then
    grant select, insert, delete on favourites to ihome_app;
  end if;
end $$;
