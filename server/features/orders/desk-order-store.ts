import type { DeskOrderQuery } from '@ihome/contract/schemas/operator-desk'
import type { OrderStatus } from '@ihome/core/orders/lifecycle'
import { sql } from 'kysely'
import type { Db } from '../../platform/db.ts'
import type { DeskSpan } from '../../platform/desk-page.ts'

/** Digits are an order's number when there is one, and the end of the guest's or the host's phone. */
const matching = (db: Db, { q, status, from, to }: DeskOrderQuery) =>
  db
    .selectFrom('orders as o')
    .innerJoin('houses as h', 'h.id', 'o.house_id')
    .innerJoin('users as g', 'g.id', 'o.guest_id')
    .innerJoin('users as b', 'b.id', 'o.host_id')
    .$if(q !== undefined && q !== '', (query) =>
      query.where((where) =>
        where.or([
          ...(/^\d{1,15}$/.test(q ?? '') ? [where('o.id', '=', Number(q))] : []),
          ...(/^\d{4,11}$/.test(q ?? '') ? [where('g.phone', 'like', `%${q}`), where('b.phone', 'like', `%${q}`)] : []),
          where('o.trade_no', '=', q ?? ''),
        ]),
      ),
    )
    .$if(status !== undefined, (query) => query.where('o.status', '=', status ?? ''))
    .$if(from !== undefined, (query) => query.where('o.start_date', '>=', from ?? ''))
    .$if(to !== undefined, (query) => query.where('o.start_date', '<=', to ?? ''))

export async function countDeskOrders(db: Db, filter: DeskOrderQuery): Promise<number> {
  const { count } = await matching(db, filter)
    .select(sql<number>`count(*)::integer`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

const columns = [
  'o.id',
  'o.status',
  'o.house_id',
  'h.title',
  'o.guest_id',
  'g.name as guest_name',
  'g.phone as guest_phone',
  'o.host_id',
  'b.name as host_name',
  'b.phone as host_phone',
  'o.start_date',
  'o.end_date',
  'o.days',
  'o.amount_fen',
  'o.trade_no',
  'o.created_at',
] as const

/** What the list can be ordered by; the first stands when nothing is asked. */
export const ORDER_KEYS = ['created', 'number', 'dates', 'amount', 'status'] as const
const ORDER_COLUMNS = {
  created: 'o.id',
  number: 'o.id',
  dates: 'o.start_date',
  amount: 'o.amount_fen',
  status: 'o.status',
} as const

export const listDeskOrders = (db: Db, filter: DeskOrderQuery, span: DeskSpan<(typeof ORDER_KEYS)[number]>) =>
  matching(db, filter)
    .select([...columns])
    .orderBy(ORDER_COLUMNS[span.sort], span.direction)
    .orderBy('o.id', span.direction)
    .offset(span.skip)
    .limit(span.take)
    .execute()

export const findDeskOrder = (db: Db, id: number) =>
  matching(db, {})
    .select([...columns])
    .where('o.id', '=', id)
    .$narrowType<{ status: OrderStatus }>()
    .executeTakeFirst()
