-- Why: the gateway's own bill is the last word on fees and the only witness of what no message told us. Each day's two
-- files (trades, account) are kept line by line, and what differs from our books is a row that somebody, or the
-- program, ends. A file carries no signature, so a line alone moves no money but its fee.
create table bills (
  id           bigint generated always as identity primary key,
  day          date        not null,
  kind         text        not null,
  state        text        not null default 'waiting',
  tries        integer     not null default 0,
  -- Why it is not here yet: the gateway's code, or what was wrong with the file.
  error        text,
  next_try_at  timestamptz,
  lease_until  timestamptz,
  sha256       text,
  line_count   integer     not null default 0,
  -- Of the account: before the first line and after the last one.
  opening_fen  bigint,
  closing_fen  bigint,
  created_at   timestamptz not null,
  fetched_at   timestamptz,
  compared_at  timestamptz,

  constraint bills_one_a_day unique (day, kind),
  constraint bills_kind_known check (kind in ('trade', 'account')),
  -- `absent`: the gateway gives no such bill to this merchant, and the other file has to do.
  constraint bills_state_known check (state in ('waiting', 'fetched', 'compared', 'absent')),
  constraint bills_fetched_has_a_time check ((fetched_at is not null) or state in ('waiting', 'absent')),
  constraint bills_empty_has_no_digest check (sha256 is null or sha256 ~ '^[0-9a-f]{64}$')
);
create index bills_due on bills (next_try_at) where next_try_at is not null;

create table bill_lines (
  bill_id      bigint      not null references bills (id),
  no           integer     not null,
  type         text        not null,
  -- Number of the trade or, on the account, of whatever moved the money.
  trade_no     text        not null,
  out_trade_no text        not null,
  request_no   text,
  serial       text,
  -- Without a sign on the bill of trades; positive for money that came on that of the account.
  amount_fen   bigint      not null,
  fee_fen      bigint      not null default 0,
  balance_fen  bigint,
  words        text,
  at           timestamptz not null,
  result       text,
  order_id     bigint      references orders (id),
  attempt_id   bigint      references payment_attempts (id),
  refund_id    bigint      references refunds (id),

  primary key (bill_id, no),
  constraint bill_lines_type_known check (type in ('payment', 'refund', 'fee', 'fee_back', 'transfer', 'other')),
  constraint bill_lines_result_known check (result in ('matched', 'differs', 'only_theirs', 'foreign'))
);
create index bill_lines_of_number on bill_lines (out_trade_no);
create index bill_lines_of_trade  on bill_lines (trade_no);
create index bill_lines_of_order  on bill_lines (order_id) where order_id is not null;

create table bill_differences (
  id           bigint generated always as identity primary key,
  day          date        not null,
  kind         text        not null,
  subject      text        not null,
  line_no      integer,
  out_trade_no text,
  request_no   text,
  order_id     bigint      references orders (id),
  ours_fen     bigint,
  theirs_fen   bigint,
  -- found: the gateway has not been asked. asked: it was, and what it said is on its way into the books.
  -- fixed: gone by itself. open: a person has to look. resolved: one has.
  state        text        not null default 'found',
  owner        text        not null default 'operator',
  note         text,
  found_at     timestamptz not null,
  asked_at     timestamptz,
  settled_at   timestamptz,

  constraint bill_differences_named_once unique (day, kind, subject),
  constraint bill_differences_kind_fits check (kind ~ '^[a-z_]{1,40}$'),
  constraint bill_differences_state_known check (state in ('found', 'asked', 'fixed', 'open', 'resolved')),
  constraint bill_differences_settled_has_a_time check ((settled_at is not null) = (state in ('fixed', 'resolved'))),
  constraint bill_differences_resolved_has_a_note check (state <> 'resolved' or note is not null)
);
create index bill_differences_unsettled on bill_differences (day, id) where state in ('found', 'asked', 'open');

-- One row for each day that was compared: what the gateway's account did, and what our CLEARING account says of it.
create table bill_days (
  day            date        primary key,
  compared_at    timestamptz not null,
  matched        integer     not null,
  differs        integer     not null,
  only_theirs    integer     not null,
  only_ours      integer     not null,
  foreign_lines  integer     not null,
  fees_fen       bigint      not null,
  -- What the gateway's account held before our first bill; it is not ours to explain.
  base_fen       bigint,
  theirs_fen     bigint,
  ours_fen       bigint,
  -- Moved on the account for reasons that are not the shop's, since the first bill: other sites, top-ups, withdrawals.
  outside_fen    bigint,

  constraint bill_days_balance_as_a_whole
    check ((theirs_fen is null) = (ours_fen is null) and (theirs_fen is null) = (base_fen is null))
);

do $$
begin
  if exists (select 1 from pg_roles where rolname = 'ihome_app') then
    grant select, insert, update on bills, bill_differences, bill_days to ihome_app;
    -- A file that is fetched again replaces its lines.
    grant select, insert, update, delete on bill_lines to ihome_app;
    grant usage, select on all sequences in schema public to ihome_app;
  end if;
end $$;
