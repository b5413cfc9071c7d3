import type { DeskCaseQuery } from '@ihome/contract/schemas/operator-desk-money'
import { sql } from 'kysely'
import type { Db, Tx } from '../../platform/db.ts'
import type { DeskSpan } from '../../platform/desk-page.ts'

const matching = (db: Db, { q, state, kind }: DeskCaseQuery, now: Date) =>
  db
    .selectFrom('cases as c')
    .$if(q !== undefined && q !== '', (query) =>
      query.where((where) =>
        where.or([
          ...(/^\d{1,15}$/.test(q ?? '') ? [where('c.order_id', '=', Number(q)), where('c.id', '=', Number(q))] : []),
          where('c.subject', '=', q ?? ''),
          where('c.owner', '=', q ?? ''),
        ]),
      ),
    )
    .$if(kind !== undefined, (query) => query.where('c.kind', '=', kind ?? ''))
    .$if(state === 'open' || state === 'closed', (query) => query.where('c.state', '=', state ?? ''))
    .$if(state === 'overdue', (query) => query.where('c.state', '=', 'open').where('c.due_at', '<', now))

export async function countDeskCases(db: Db, filter: DeskCaseQuery, now: Date): Promise<number> {
  const { count } = await matching(db, filter, now)
    .select(sql<number>`count(*)::integer`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** What the list can be ordered by; open ones always come first. */
export const CASE_KEYS = ['opened', 'due', 'kind', 'owner'] as const
const CASE_COLUMNS = { opened: 'c.opened_at', due: 'c.due_at', kind: 'c.kind', owner: 'c.owner' } as const

export const listDeskCases = (db: Db, filter: DeskCaseQuery, now: Date, span: DeskSpan<(typeof CASE_KEYS)[number]>) =>
  matching(db, filter, now)
    .select([
      'c.id',
      'c.kind',
      'c.subject',
      'c.order_id',
      'c.state',
      'c.owner',
      'c.note',
      'c.opened_at',
      'c.due_at',
      'c.closed_at',
      sql<number>`case when c.kind = 'unmatched' and c.state = 'open' then
        (select coalesce(-sum(e.amount_fen), 0)::bigint from ledger_entries e
          where e.account = 'SUSPENSE' and e.owner_id = c.subject) else 0 end`.as('unmatched_fen'),
    ])
    .orderBy('c.state', 'desc')
    .orderBy(CASE_COLUMNS[span.sort], span.direction)
    .orderBy('c.id', span.direction)
    .offset(span.skip)
    .limit(span.take)
    .execute()

export interface OpenCase {
  readonly id: number
  readonly kind: string
  readonly subject: string
}

/** Locks a case that is still open; waits for whoever is at it. */
export const lockCase = (tx: Tx, id: number): Promise<OpenCase | undefined> =>
  tx
    .selectFrom('cases')
    .select(['id', 'kind', 'subject'])
    .where('id', '=', id)
    .where('state', '=', 'open')
    .forUpdate()
    .executeTakeFirst()

/** The login of the operator who looks after it. */
export async function saveOwner(tx: Tx, id: number, operatorId: number): Promise<void> {
  await tx
    .updateTable('cases')
    .set({ owner: sql<string>`(select login from operators where id = ${operatorId})` })
    .where('id', '=', id)
    .execute()
}

/** Ends the case; what was found out stands behind what was noted before. */
export async function endCase(tx: Tx, id: number, note: string, now: Date): Promise<void> {
  await tx
    .updateTable('cases')
    .set({ state: 'closed', closed_at: now, note: sql<string>`concat_ws(' · ', note, ${note}::text)` })
    .where('id', '=', id)
    .execute()
}

/** Whether a refund that somebody was asked to look at still waits for that. */
export async function isRefundOpen(tx: Tx, outRequestNo: string): Promise<boolean> {
  const row = await tx
    .selectFrom('refunds')
    .select('id')
    .where('out_request_no', '=', outRequestNo)
    .where('state', '=', 'MANUAL')
    .executeTakeFirst()
  return row !== undefined
}
