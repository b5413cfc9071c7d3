-- Why: a host is somebody known. Name and ID number are written once, sealed by the program before they come here
-- (AES-256-GCM, the user's id as associated data), and told apart by a keyed digest, so that one person has one account
-- and a copy of this table names nobody.
alter table users
  add column real_name_sealed bytea,
  add column id_card_sealed   bytea,
  add column id_card_digest   bytea,
  add column verified_at      timestamptz,
  -- Which check stood behind it: the name of the adapter.
  add column verified_by      text,
  -- An account that ended keeps its row for the orders and the ledger that name it, and nothing that names a person.
  add column deleted_at       timestamptz,
  add constraint users_one_per_id_card unique (id_card_digest),
  add constraint users_verified_whole check
    (num_nonnulls(real_name_sealed, id_card_sealed, id_card_digest, verified_at, verified_by) in (0, 5)),
  add constraint users_digest_is_sha256 check (octet_length(id_card_digest) = 32),
  add constraint users_deleted_is_disabled check (deleted_at is null or disabled_at is not null),
  add constraint users_deleted_is_nobody check
    (deleted_at is null or (verified_at is null and avatar_key is null and phone like '10%'));

create function users_verified_once() returns trigger language plpgsql as $$
begin
  raise exception 'a real name is written once' using errcode = 'check_violation', constraint = 'users_verified_once';
end $$;
create trigger users_verified_once before update of verified_at on users for each row
  when (old.verified_at is not null and new.verified_at is distinct from old.verified_at and new.deleted_at is null)
  execute function users_verified_once();

-- What somebody agreed to, in which wording and when; it outlives the data it was given for, as its proof.
create table consents (
  id       bigint generated always as identity primary key,
  user_id  bigint      not null references users (id),
  purpose  text        not null,
  version  text        not null,
  given_at timestamptz not null,

  constraint consents_purpose_known check (purpose in ('real_name'))
);
create index consents_of_user on consents (user_id, id);

do $$
begin
  if exists (select 1 from pg_roles where rolname = 'ihome_app') then
    grant select, insert on consents to ihome_app;
    grant usage, select on all sequences in schema public to ihome_app;
  end if;
end $$;
