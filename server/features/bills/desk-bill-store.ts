import { sql } from 'kysely'
import type { Db } from '../../platform/db.ts'
import { anywhere, type DeskSpan } from '../../platform/desk-page.ts'
import type { KeptDifference } from './difference-store.ts'

export interface LineFilter {
  readonly day: string
  readonly q?: string | undefined
  readonly result?: string | undefined
}

const lines = (db: Db, { day, q, result }: LineFilter) =>
  db
    .selectFrom('bill_lines as l')
    .innerJoin('bills as b', 'b.id', 'l.bill_id')
    .where('b.day', '=', day)
    .where('b.kind', '=', 'trade')
    .$if(result !== undefined, (query) => query.where('l.result', '=', result ?? ''))
    .$if(q !== undefined && q !== '', (query) =>
      query.where((or) =>
        or.or([
          or('l.out_trade_no', '=', q ?? ''),
          or('l.trade_no', '=', q ?? ''),
          or('l.request_no', '=', q ?? ''),
          or(sql<string>`l.order_id::text`, '=', q ?? ''),
        ]),
      ),
    )

export async function countDeskLines(db: Db, filter: LineFilter): Promise<number> {
  const { count } = await lines(db, filter).select(sql<number>`count(*)::integer`.as('count')).executeTakeFirstOrThrow()
  return count
}

const LINE_ORDER = { no: 'l.no', amount: 'l.amount_fen', fee: 'l.fee_fen', at: 'l.at' } as const
export type LineOrder = keyof typeof LINE_ORDER

export const listDeskLines = (db: Db, filter: LineFilter, span: DeskSpan<LineOrder>) =>
  lines(db, filter)
    .select([
      'l.no',
      'l.type',
      'l.trade_no',
      'l.out_trade_no',
      'l.request_no',
      'l.amount_fen',
      'l.fee_fen',
      'l.at',
      'l.result',
      'l.order_id',
    ])
    .orderBy(LINE_ORDER[span.sort], span.direction)
    .orderBy('l.no', span.direction)
    .offset(span.skip)
    .limit(span.take)
    .execute()

export interface DifferenceFilter {
  readonly day: string
  readonly q?: string | undefined
  readonly state?: string | undefined
  readonly kind?: string | undefined
}

const differences = (db: Db, { day, q, state, kind }: DifferenceFilter) =>
  db
    .selectFrom('bill_differences as d')
    .where('d.day', '=', day)
    .$if(state !== undefined, (query) => query.where('d.state', '=', state ?? ''))
    .$if(kind !== undefined, (query) => query.where('d.kind', '=', kind ?? ''))
    .$if(q !== undefined && q !== '', (query) =>
      query.where((or) =>
        or.or([
          or('d.subject', 'like', anywhere(q ?? '')),
          or('d.out_trade_no', '=', q ?? ''),
          or(sql<string>`d.order_id::text`, '=', q ?? ''),
        ]),
      ),
    )

export async function countDeskDifferences(db: Db, filter: DifferenceFilter): Promise<number> {
  const { count } = await differences(db, filter)
    .select(sql<number>`count(*)::integer`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

const DIFFERENCE_ORDER = { id: 'd.id', kind: 'd.kind', state: 'd.state', theirs: 'd.theirs_fen' } as const
export type DifferenceOrder = keyof typeof DIFFERENCE_ORDER

export const listDeskDifferences = (
  db: Db,
  filter: DifferenceFilter,
  span: DeskSpan<DifferenceOrder>,
): Promise<KeptDifference[]> =>
  differences(db, filter)
    .selectAll()
    .$narrowType<Pick<KeptDifference, 'kind' | 'state'>>()
    .orderBy(DIFFERENCE_ORDER[span.sort], span.direction)
    .orderBy('d.id', span.direction)
    .offset(span.skip)
    .limit(span.take)
    .execute()
