-- Why: who may act, and what a repeated or unfinished act leaves behind.
-- Instants come from the process clock, never from SQL, so that moving that clock moves the business.

create table users (
  id            bigint generated always as identity primary key,
  phone         text        not null,
  password_hash text        not null,
  name          text        not null,
  avatar_key    text,
  disabled_at   timestamptz,
  created_at    timestamptz not null,
  updated_at    timestamptz not null,

  constraint users_one_per_phone  unique (phone),
  constraint users_one_per_name   unique (name),
  constraint users_phone_is_mobile check (phone ~ '^1[0-9]{10}$'),
  constraint users_name_fits      check (char_length(name) between 1 and 30)
);

-- Operators are another kind of account: no registration makes one and no user's session opens their routes.
create table operators (
  id            bigint generated always as identity primary key,
  login         text        not null,
  password_hash text        not null,
  created_at    timestamptz not null,

  constraint operators_one_per_login unique (login)
);

-- Only signed-in sessions have a row. A visitor's session is the random id in the cookie alone, and every CSRF token
-- is a keyed hash of the session id, so looking at a page writes nothing.
create table sessions (
  id_digest      bytea       primary key,
  user_id        bigint      not null references users (id),
  created_at     timestamptz not null,
  last_used_at   timestamptz not null,
  idle_until     timestamptz not null,
  absolute_until timestamptz not null,
  step_up_at     timestamptz,
  ended_at       timestamptz,
  end_reason     text,

  constraint sessions_digest_is_sha256 check (octet_length(id_digest) = 32),
  constraint sessions_end_has_a_reason check ((ended_at is null) = (end_reason is null)),
  constraint sessions_end_reason_known check (end_reason in
    ('logout', 'rotated', 'expired', 'password_change', 'phone_change', 'disabled', 'ended_by_user'))
);
create index sessions_by_user on sessions (user_id) where ended_at is null;
create index sessions_to_end  on sessions (idle_until) where ended_at is null;

-- Fixed windows, counted in one statement, so that two instances cannot both let the last try through.
create table rate_counters (
  key          text        not null,
  window_start timestamptz not null,
  count        integer     not null,
  expires_at   timestamptz not null,

  primary key (key, window_start),
  constraint rate_counters_count_up check (count > 0)
);
create index rate_counters_to_drop on rate_counters (expires_at);

create table idempotency_keys (
  user_id     bigint      not null references users (id),
  key         text        not null,
  route       text        not null,
  body_digest bytea       not null,
  status      integer,
  answer      jsonb,
  created_at  timestamptz not null,
  leased_until timestamptz,

  primary key (user_id, key),
  constraint idempotency_keys_answer_is_whole check ((status is null) = (answer is null)),
  constraint idempotency_keys_key_fits        check (char_length(key) between 8 and 128)
);
create index idempotency_keys_to_drop on idempotency_keys (created_at);

-- What must follow a commit is a row here, written by the same transaction. One row per effect: the key makes a
-- message that is asked for twice one message.
create table outbox (
  id          bigint generated always as identity primary key,
  topic       text        not null,
  dedupe_key  text        not null,
  order_id    bigint,
  payload     jsonb       not null,
  created_at  timestamptz not null,
  due_at      timestamptz not null,
  lease_until timestamptz,
  tries       integer     not null default 0,
  sent_at     timestamptz,
  dead_at     timestamptz,
  error       text,

  constraint outbox_one_per_effect unique (dedupe_key)
);
create index outbox_due on outbox (due_at) where sent_at is null and dead_at is null;
