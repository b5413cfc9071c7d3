import type { DeskPayoutQuery } from '@ihome/contract/schemas/payouts'
import type { FrozenReason, PayoutState } from '@ihome/core/payouts/payout-plan'
import { sql } from 'kysely'
import type { Db } from '../../platform/db.ts'
import type { DeskSpan } from '../../platform/desk-page.ts'
import type { Ending } from './payout-store.ts'

interface Known {
  state: PayoutState
  frozen_reason: FrozenReason | null
  ending: Ending | null
}

/** A host's payouts, newest first, one more than `most` when there are more. */
export const listPayoutsOfHost = (
  db: Db,
  hostId: number,
  { before, most }: { readonly before: number | undefined; readonly most: number },
) =>
  db
    .selectFrom('payouts as p')
    .innerJoin('orders as o', 'o.id', 'p.order_id')
    .innerJoin('houses as h', 'h.id', 'o.house_id')
    .selectAll('p')
    .select('h.title')
    .where('p.host_id', '=', hostId)
    .$if(before !== undefined, (query) => query.where('p.id', '<', before ?? 0))
    .orderBy('p.id', 'desc')
    .limit(most + 1)
    .$narrowType<Known>()
    .execute()

/** When one looks, and whether this shop pays its hosts by itself: what it never sends cannot be late. */
export interface PayoutMoment {
  readonly now: Date
  readonly sends: boolean
}

/** What nothing keeps and still has not ended is overdue after this. */
const OVERDUE_MS = 24 * 3_600_000

const joined = (db: Db) =>
  db
    .selectFrom('payouts as p')
    .innerJoin('orders as o', 'o.id', 'p.order_id')
    .innerJoin('users as u', 'u.id', 'p.host_id')
    .leftJoin('payee_accounts as a', 'a.id', 'p.payee_id')
    .leftJoin('operators as sayer', 'sayer.id', 'p.ending_by')

/**
 * Digits are the number of an order or of a payout; anything else is the number at the gateway. `waits` finds what needs
 * somebody: a payout that is past its due date or should have ended a day ago, and one that came back and has not gone
 * out again since.
 */
const matching = (db: Db, { q, state, frozen, waits }: DeskPayoutQuery, { now, sends }: PayoutMoment) =>
  joined(db)
    .$if(q !== undefined && q !== '', (query) =>
      query.where((where) =>
        where.or([
          where('p.out_biz_no', '=', q ?? ''),
          ...(/^\d{1,15}$/.test(q ?? '')
            ? [where('p.order_id', '=', Number(q)), where('p.host_id', '=', Number(q))]
            : []),
        ]),
      ),
    )
    .$if(state !== undefined, (query) => query.where('p.state', '=', state ?? ''))
    .$if(frozen === 'yes', (query) => query.where('p.frozen_reason', 'is not', null))
    .$if(frozen === 'no', (query) => query.where('p.frozen_reason', 'is', null))
    .$if(waits === 'overdue', (query) =>
      query
        .where('p.state', 'not in', ['SUCCEEDED', 'RETURNED'])
        .where('p.settled_at', 'is', null)
        .where((where) =>
          where.or([
            where('p.due_at', '<', now),
            where.and([
              where('p.state', '<>', 'MANUAL'),
              where('p.frozen_reason', 'is', null),
              ...(sends ? [] : [where('p.sent_at', 'is not', null)]),
              where(sql<Date>`coalesce(p.sent_at, p.not_before)`, '<', new Date(now.getTime() - OVERDUE_MS)),
            ]),
          ]),
        ),
    )
    .$if(waits === 'returned', (query) =>
      query
        .where('p.replaces_id', 'is not', null)
        .where('p.settled_at', 'is', null)
        .where('p.state', 'not in', ['SUCCEEDED', 'RETURNED']),
    )

export async function countDeskPayouts(db: Db, filter: DeskPayoutQuery, moment: PayoutMoment): Promise<number> {
  const { count } = await matching(db, filter, moment)
    .select(sql<number>`count(*)::integer`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

const rows = (payouts: ReturnType<typeof joined>) =>
  payouts
    .selectAll('p')
    .select([
      'o.start_date',
      'u.name as host_name',
      'u.phone as host_phone',
      'a.account_mask',
      'sayer.login as said_by',
    ])
    .select((query) =>
      query
        .selectFrom('payee_accounts as newest')
        .select((account) => account.fn.max('newest.id').as('id'))
        .whereRef('newest.user_id', '=', 'p.host_id')
        .as('newest_payee_id'),
    )
    .$narrowType<Known>()

/** What the list can be ordered by; the first stands when nothing is asked. */
export const PAYOUT_KEYS = ['number', 'amount', 'not_before', 'due'] as const
const COLUMNS = { number: 'p.id', amount: 'p.amount_fen', not_before: 'p.not_before', due: 'p.due_at' } as const

export const listDeskPayouts = (
  db: Db,
  filter: DeskPayoutQuery,
  moment: PayoutMoment,
  span: DeskSpan<(typeof PAYOUT_KEYS)[number]>,
) =>
  rows(matching(db, filter, moment))
    .orderBy(COLUMNS[span.sort], (order) => (span.direction === 'asc' ? order.asc() : order.desc()).nullsLast())
    .orderBy('p.id', span.direction)
    .offset(span.skip)
    .limit(span.take)
    .execute()

export const findDeskPayout = (db: Db, id: number) => rows(joined(db)).where('p.id', '=', id).executeTakeFirst()
