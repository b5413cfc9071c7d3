-- Why: hosts publish for themselves. A draft is what a host has typed so far and belongs to nobody else; it becomes a
-- house in one step and is gone then. The host chooses whether guests book at once (instant) and takes a house off the
-- market for a while (listed); that the platform took it down, and why, is another matter and is not the host's to undo.

alter table houses
  add column instant           boolean not null default false,
  add column taken_down_reason text,
  add constraint houses_taken_down_reason_fits check (char_length(taken_down_reason) between 1 and 200),
  add constraint houses_taken_down_are_not_listed check (taken_down_reason is null or not listed);

drop trigger houses_tell_changes on houses;
create trigger houses_tell_changes after insert or delete or update of
  user_id, area_id, title, price_fen, address, room_count, acreage, unit, capacity, beds, deposit_fen, min_days,
  max_days, order_count, index_image_key, listed, instant, taken_down_reason on houses
  for each row execute function tell_change('house', 'id');

create table house_drafts (
  id         bigint generated always as identity primary key,
  user_id    bigint      not null references users (id),
  step       integer     not null,
  content    jsonb       not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,

  constraint house_drafts_step_known check (step between 1 and 7),
  constraint house_drafts_are_objects check (jsonb_typeof(content) = 'object'),
  constraint house_drafts_fit check (length(content::text) <= 8192)
);
create index house_drafts_of_user on house_drafts (user_id, id desc);

do $$
begin
  if exists (select 1 from pg_roles where rolname = 'ihome_app') then
    grant select, insert, update, delete on house_drafts to ihome_app;
    grant usage, select on all sequences in schema public to ihome_app;
  end if;
end $$;
