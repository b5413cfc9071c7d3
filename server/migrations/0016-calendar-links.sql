-- Why: hosts rent the same home on several sites. Each house has a secret address from which other sites read its taken
-- nights, and reads theirs. What was read last stays until something newer was read; nights closed by it become stays
-- of kind 'block', as those that the host closes by hand.

create table calendar_exports (
  house_id   bigint      primary key references houses (id) on delete cascade,
  token      text        not null,
  created_at timestamptz not null,

  constraint calendar_exports_own_token unique (token)
);

create table calendar_imports (
  id              bigint generated always as identity primary key,
  house_id        bigint      not null references houses (id) on delete cascade,
  name            text        not null,
  url             text        not null,
  created_at      timestamptz not null,
  next_sync_at    timestamptz not null,
  leased_until    timestamptz,
  last_tried_at   timestamptz,
  last_success_at timestamptz,
  fault           text,

  constraint calendar_imports_name_fits check (char_length(name) between 1 and 30),
  constraint calendar_imports_url_fits  check (char_length(url) between 10 and 2000),
  constraint calendar_imports_fault_known check (fault in
    ('address', 'unreachable', 'slow', 'status', 'too_large', 'not_a_calendar')),
  constraint calendar_imports_once unique (house_id, url)
);
create index calendar_imports_due on calendar_imports (next_sync_at);

create table calendar_events (
  import_id  bigint not null references calendar_imports (id) on delete cascade,
  house_id   bigint not null references houses (id) on delete cascade,
  start_date date   not null,
  end_date   date   not null,
  primary key (import_id, start_date, end_date),

  constraint calendar_events_end_after_they_start check (end_date > start_date)
);
create index calendar_events_of_house on calendar_events (house_id, end_date);

do $$
begin
  if exists (select 1 from pg_roles where rolname = 'ihome_app') then
    grant select, insert, update, delete on calendar_exports, calendar_imports, calendar_events to ihome_app;
    grant usage, select on all sequences in schema public to ihome_app;
  end if;
end $$;
