-- Why: whoever asks for a text message shows first that a person asks, and what a message carries opens one thing once.
-- Neither table holds an answer: a picture's text follows from its id and a secret, a code is kept as a keyed digest, and
-- a phone number as a keyed digest and its ends.

create table captchas (
  id         text        primary key,
  kind       text        not null,
  expires_at timestamptz not null,
  -- Each showing costs a drawing, so it is drawn a few times and not for ever.
  shown      smallint    not null default 0,
  used_at    timestamptz,

  constraint captchas_kind_known check (kind in ('picture', 'question'))
);
create index captchas_to_drop on captchas (expires_at);

create table sms_codes (
  id             bigint generated always as identity primary key,
  request_id     text        not null,
  -- The session that asked: it alone may look how the sending goes.
  session_digest bytea       not null,
  phone_digest   bytea       not null,
  phone_mask     text        not null,
  purpose        text        not null,
  -- Null when the message carried no code, as to a phone that is registered already: every guess is then wrong.
  code_digest    bytea,
  created_at     timestamptz not null,
  expires_at     timestamptz not null,
  sent_at        timestamptz,
  failed_at      timestamptz,
  tries          smallint    not null default 0,
  used_at        timestamptz,
  voided_at      timestamptz,

  constraint sms_codes_one_per_request unique (request_id),
  constraint sms_codes_purpose_known check (purpose in ('register', 'login', 'reset', 'step_up', 'phone_change')),
  constraint sms_codes_few_tries check (tries between 0 and 5),
  constraint sms_codes_end_once check (num_nonnulls(used_at, voided_at) < 2),
  constraint sms_codes_sent_or_failed check (num_nonnulls(sent_at, failed_at) < 2)
);
create unique index sms_codes_one_live on sms_codes (phone_digest, purpose) where used_at is null and voided_at is null;
create index sms_codes_to_drop on sms_codes (created_at);

create view audit.sms_codes as
select c.id::text as sms_id, encode(c.phone_digest, 'hex') as phone_hash, c.phone_mask, c.purpose, c.request_id,
       c.created_at, c.sent_at, c.expires_at, c.tries::integer as tries, c.used_at, c.voided_at
from sms_codes c;

do $$
begin
  if exists (select 1 from pg_roles where rolname = 'ihome_app') then
    grant select, insert, update, delete on captchas, sms_codes to ihome_app;
    grant usage, select on all sequences in schema public to ihome_app;
    grant select on audit.sms_codes to ihome_app;
  end if;
  if exists (select 1 from pg_roles where rolname = 'ihome_audit') then
    grant select on audit.sms_codes to ihome_audit;
  end if;
end $$;
