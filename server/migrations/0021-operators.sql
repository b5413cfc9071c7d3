-- Why: operators look at everybody's orders, homes and people, so they come in by two factors, through sessions of
-- their own that no guest's cookie opens, and everything they change or reveal is written down and stays written.
alter table operators
  add column role            text not null default 'support',
  -- Sealed by the program (AES-256-GCM, the operator's id as associated data). Unconfirmed until a code of it was shown.
  add column totp_sealed     bytea,
  add column totp_confirmed_at timestamptz,
  -- The time step of the last code that let somebody in: no code works twice.
  add column totp_used_step  bigint,
  add column disabled_at     timestamptz,
  add constraint operators_role_known check (role in ('support', 'content', 'finance', 'admin')),
  add constraint operators_confirm_a_secret check (totp_confirmed_at is null or totp_sealed is not null);

create table operator_sessions (
  id_digest      bytea       primary key,
  operator_id    bigint      not null references operators (id),
  created_at     timestamptz not null,
  last_used_at   timestamptz not null,
  idle_until     timestamptz not null,
  absolute_until timestamptz not null,
  ended_at       timestamptz,

  constraint operator_sessions_digest_is_sha256 check (octet_length(id_digest) = 32),
  constraint operator_sessions_end_in_time check (idle_until <= absolute_until)
);
create index operator_sessions_of_operator on operator_sessions (operator_id);

create table operator_actions (
  id          bigint generated always as identity primary key,
  operator_id bigint      not null references operators (id),
  at          timestamptz not null,
  kind        text        not null,
  -- What it was done to, such as house:7; null when it concerns nothing single.
  subject     text,
  reason      text,
  detail      jsonb       not null,

  constraint operator_actions_kind_fits check (kind ~ '^[a-z_]{1,40}$'),
  constraint operator_actions_subject_fits check (subject ~ '^[a-z_]{1,20}:[0-9A-Za-z_]{1,64}$'),
  constraint operator_actions_reason_fits check (char_length(reason) between 1 and 200),
  constraint operator_actions_detail_is_object check (jsonb_typeof(detail) = 'object')
);
create index operator_actions_of_subject on operator_actions (subject, id desc);
create index operator_actions_of_operator on operator_actions (operator_id, id desc);

do $$
begin
  if exists (select 1 from pg_roles where rolname = 'ihome_app') then
    grant select, insert, update on operator_sessions to ihome_app;
    -- Insert only: what was done cannot be undone by forgetting it.
    grant select, insert on operator_actions to ihome_app;
    grant usage, select on all sequences in schema public to ihome_app;
  end if;
end $$;
