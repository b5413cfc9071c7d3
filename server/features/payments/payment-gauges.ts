import { sql } from 'kysely'
import type { Clock } from '../../platform/clock.ts'
import type { Db } from '../../platform/db.ts'
import type { Reading } from '../../platform/metrics.ts'
import { countOpenCases, countOverdueCases, longestNoticeDelay } from './money-watch-store.ts'

const count = async (query: Promise<{ rows: readonly { n: number }[] }>): Promise<number> =>
  (await query).rows[0]?.n ?? 0

/** What the people who run this watch about money (promises 11); each should be, or return to, 0. */
export const paymentGauges = ({ db, clock }: { readonly db: Db; readonly clock: Clock }): Reading[] => [
  {
    name: 'attempts_unknown',
    help: 'Attempts past time_expire that have not ended',
    read: () =>
      count(
        sql<{ n: number }>`select count(*) as n from payment_attempts
          where state in ('NEW', 'OPEN', 'CLOSING') and time_expire < ${clock.now()}`.execute(db),
      ),
  },
  {
    name: 'attempts_overdue',
    help: 'Attempts more than 10 minutes past time_expire that have not ended',
    read: () =>
      count(
        sql<{ n: number }>`select count(*) as n from payment_attempts
          where state in ('NEW', 'OPEN', 'CLOSING')
            and time_expire < ${new Date(clock.now().getTime() - 600_000)}`.execute(db),
      ),
  },
  {
    name: 'refunds_unknown',
    help: 'Refunds that may or may not have gone out',
    read: () =>
      count(sql<{ n: number }>`select count(*) as n from refunds where state in ('SENT', 'UNKNOWN')`.execute(db)),
  },
  {
    name: 'refunds_waiting_funds',
    help: 'Refunds that wait until the account at the gateway has enough: finance has to see to it',
    read: () => count(sql<{ n: number }>`select count(*) as n from refunds where state = 'WAIT_FUNDS'`.execute(db)),
  },
  {
    name: 'refunds_manual',
    help: 'Refunds that need a person',
    read: () => count(sql<{ n: number }>`select count(*) as n from refunds where state = 'MANUAL'`.execute(db)),
  },
  {
    name: 'refunds_manual_overdue',
    help: 'Refunds that need a person and are past their due date',
    read: () =>
      count(
        sql<{
          n: number
        }>`select count(*) as n from refunds where state = 'MANUAL' and due_at < ${clock.now()}`.execute(db),
      ),
  },
  {
    name: 'refund_requests_open',
    help: 'Refunds that an operator asked for and no second one has answered',
    read: () => count(sql<{ n: number }>`select count(*) as n from refund_requests where state = 'asked'`.execute(db)),
  },
  {
    name: 'suspense_fen',
    help: 'Money that nobody has matched',
    read: () =>
      count(
        sql<{ n: number }>`select coalesce(-sum(amount_fen), 0)::bigint as n from ledger_entries
          where account = 'SUSPENSE'`.execute(db),
      ),
  },
  {
    name: 'refund_payable_age',
    help: 'Age in seconds of the oldest refund that has not reached the buyer',
    read: () =>
      count(
        sql<{
          n: number
        }>`select coalesce(extract(epoch from ${clock.now()}::timestamptz - min(created_at)), 0)::float8 as n
          from refunds where settled_at is null`.execute(db),
      ),
  },
  {
    name: 'cases_open',
    help: 'Things that wait for a person, by kind: unmatched money, wrong amounts, contradictions, bills and more',
    label: 'kind',
    readAll: () => countOpenCases(db),
  },
  {
    name: 'cases_overdue',
    help: 'Things that wait for a person and are past their due date',
    read: () => countOverdueCases(db, clock.now()),
  },
  {
    name: 'notify_delay',
    help: 'Seconds by which the latest notice about money of the last hour came after the money, or is missing',
    read: () => longestNoticeDelay(db, clock.now()),
  },
]
