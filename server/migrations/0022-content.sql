-- Why: operators choose which homes the first page shows; where they choose fewer than it has room for, the most booked
-- follow as before. New districts get the next number.
create table home_heroes (
  position smallint primary key,
  house_id bigint   not null references houses (id) on delete cascade,

  constraint home_heroes_few  check (position between 1 and 5),
  constraint home_heroes_once unique (house_id)
);
-- The home page is kept in memory: whoever keeps it hears that a house which is, or was, a hero has changed.
create trigger home_heroes_tell_changes after insert or delete or update on home_heroes
  for each row execute function tell_change('house', 'house_id');

do $$
begin
  if exists (select 1 from pg_roles where rolname = 'ihome_app') then
    grant select, insert, delete on home_heroes to ihome_app;
  end if;
end $$;
