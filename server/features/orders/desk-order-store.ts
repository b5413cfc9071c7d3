import type { DeskOrderQuery } from '@ihome/contract/schemas/operator-desk'
import type { OrderStatus } from '@ihome/core/orders/lifecycle'
import { sql } from 'kysely'
import type { Db } from '../../platform/db.ts'
import { type DeskSpan, readDeskPage } from '../../platform/desk-page.ts'

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
  readDeskPage(matching(db, filter).select([...columns]), ORDER_COLUMNS, 'o.id', span)

export interface OrderFigures {
  readonly placed: number
  readonly paid: number
  readonly paid_fen: number
  readonly cancelled: number
  readonly check_ins: number
  readonly check_outs: number
}

/** What happened to orders on a day; `until` is exclusive. */
export async function readOrderFigures(
  db: Db,
  day: string,
  { from, until }: { readonly from: Date; readonly until: Date },
): Promise<OrderFigures> {
  const { rows } = await sql<OrderFigures>`
    select (select count(*)::integer from orders where created_at >= ${from} and created_at < ${until}) as placed,
           paid.orders as paid, paid.fen as paid_fen,
           (select count(*)::integer from orders
             where status = 'CANCELED' and status_at >= ${from} and status_at < ${until}) as cancelled,
           (select count(*)::integer from orders
             where start_date = ${day} and status in ('PAID', 'WAIT_COMMENT', 'COMPLETE')) as check_ins,
           (select count(*)::integer from orders
             where end_date = ${day} and status in ('PAID', 'WAIT_COMMENT', 'COMPLETE')) as check_outs
      from (select count(*)::integer as orders, coalesce(sum(amount_fen), 0)::bigint as fen from orders
             where paid_at >= ${from} and paid_at < ${until}) as paid`.execute(db)
  const [row] = rows
  if (!row) throw new Error('the figures gave no row')
  return row
}

export const findDeskOrder = (db: Db, id: number) =>
  matching(db, {})
    .select([...columns])
    .where('o.id', '=', id)
    .$narrowType<{ status: OrderStatus }>()
    .executeTakeFirst()
