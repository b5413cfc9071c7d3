-- Why: guest and host of an order write to each other. A line is written once and never changed; its client_id makes a
-- line that is sent again after a lost answer the same line. A thread says who has written and read how far, so that
-- lists and the unread mark are found without a look at the lines. Whoever listens hears of every change to a thread.

create table messages (
  id         bigint generated always as identity primary key,
  order_id   bigint      not null references orders (id),
  sender_id  bigint      not null references users (id),
  client_id  text        not null,
  body       text        not null,
  created_at timestamptz not null,

  constraint messages_body_fits      check (char_length(body) between 1 and 500),
  constraint messages_client_id_fits check (char_length(client_id) between 8 and 64),
  constraint messages_sent_once      unique (order_id, sender_id, client_id)
);
create index messages_of_order on messages (order_id, id);

create table threads (
  order_id      bigint primary key references orders (id),
  guest_id      bigint      not null references users (id),
  host_id       bigint      not null references users (id),
  last_id       bigint      not null,
  last_at       timestamptz not null,
  guest_last_id bigint      not null default 0,
  host_last_id  bigint      not null default 0,
  guest_read_id bigint      not null default 0,
  host_read_id  bigint      not null default 0,

  constraint threads_last_is_the_later check (last_id = greatest(guest_last_id, host_last_id))
);
create index threads_of_guest on threads (guest_id, last_id desc);
create index threads_of_host on threads (host_id, last_id desc);
create index threads_unread_by_guest on threads (guest_id) where host_last_id > guest_read_id;
create index threads_unread_by_host on threads (host_id) where guest_last_id > host_read_id;

create function threads_tell_changes() returns trigger language plpgsql as $$
begin
  perform pg_notify('ihome_changes', 'thread:' || new.order_id || ':' || new.guest_id || ':' || new.host_id);
  return null;
end $$;
create trigger threads_tell_changes after insert or update on threads
  for each row execute function threads_tell_changes();

do $$
begin
  if exists (select 1 from pg_roles where rolname = 'ihome_app') then
    grant select, insert on messages to ihome_app;
    grant select, insert, update on threads to ihome_app;
    grant usage, select on all sequences in schema public to ihome_app;
  end if;
end $$;
