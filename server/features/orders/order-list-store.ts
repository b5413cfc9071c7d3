import type { CancelRule } from '@ihome/core/orders/cancel-rule'
import type { CloseReason, OrderStatus } from '@ihome/core/orders/lifecycle'
import { sql } from 'kysely'
import type { Db } from '../../platform/db.ts'

/** Whose orders: those a person made as a guest, or those for a person's houses. */
export type Side = 'guest' | 'host'

const ownerColumn = (side: Side) => (side === 'guest' ? 'o.guest_id' : 'o.host_id')

/** Whose orders, and which of them. */
export interface OrderWish {
  readonly side: Side
  readonly personId: number
  readonly statuses?: readonly OrderStatus[] | undefined
}

export async function countOrders(db: Db, { side, personId, statuses }: OrderWish): Promise<number> {
  const query = db
    .selectFrom('orders as o')
    .select(sql<number>`count(*)`.as('count'))
    .where(ownerColumn(side), '=', personId)
  const { count } = await (statuses ? query.where('o.status', 'in', statuses) : query).executeTakeFirstOrThrow()
  return count
}

/** How many orders of a person there are in each status that one is in. */
export async function countByStatus(db: Db, side: Side, personId: number): Promise<Map<OrderStatus, number>> {
  const rows = await db
    .selectFrom('orders as o')
    .select(['o.status', sql<number>`count(*)`.as('count')])
    .where(ownerColumn(side), '=', personId)
    .groupBy('o.status')
    .$narrowType<{ status: OrderStatus }>()
    .execute()
  return new Map(rows.map(({ status, count }) => [status, count]))
}

/** What a card of an order shows, with its house, its guest and the sum of its refunds, in one statement. */
const cards = (db: Db) =>
  db
    .selectFrom('orders as o')
    .innerJoin('houses as h', 'h.id', 'o.house_id')
    .innerJoin('users as g', 'g.id', 'o.guest_id')
    .leftJoin('house_photos as f', 'f.storage_key', 'h.index_image_key')
    .leftJoin('reviews as v', 'v.order_id', 'o.id')
    .leftJoinLateral(
      (from) =>
        from
          .selectFrom('refunds as r')
          .leftJoin('payment_attempts as a', 'a.id', 'r.attempt_id')
          .select([
            sql<number>`coalesce(sum(r.amount_fen), 0)::bigint`.as('fen'),
            // What has left the money that bought the nights, promised or gone; surplus money is not part of it.
            sql<number>`coalesce(sum(r.amount_fen) filter (where a.disposition = 'APPLIED'), 0)::bigint`.as('returned'),
            sql<boolean>`bool_and(r.state in ('SUCCEEDED', 'EXTERNAL'))`.as('settled'),
          ])
          .whereRef('r.order_id', '=', 'o.id')
          .where('r.state', '<>', 'VOID')
          .as('refund'),
      (join) => join.onTrue(),
    )
    .select((eb) => [
      'o.id',
      'o.house_id',
      'h.title',
      'h.index_image_key',
      'f.caption',
      'o.start_date',
      'o.end_date',
      'o.created_at',
      'o.days',
      'o.amount_fen',
      'o.status',
      'o.comment',
      'v.overall as stars',
      'v.reply',
      'o.reject_reason',
      'o.close_reason',
      'o.cancel_note',
      'o.accept_by',
      'o.pay_by',
      'o.paid_at',
      'o.guest_count',
      'g.name as guest_name',
      'g.phone as guest_phone',
      eb.ref('o.cancel_rule').$castTo<CancelRule>().as('cancel_rule'),
      'refund.fen as refund_fen',
      'refund.returned as returned_fen',
      'refund.settled as refund_settled',
    ])
    .$narrowType<{ status: OrderStatus; close_reason: CloseReason | null }>()

export type OrderCardRow = Awaited<ReturnType<ReturnType<typeof cards>['executeTakeFirstOrThrow']>>

/** Newest first, from the one after `before`, or after `skip` rows. */
export function findOrderCards(
  db: Db,
  wish: OrderWish & { readonly before?: number | undefined; readonly skip: number; readonly limit: number },
): Promise<OrderCardRow[]> {
  let query = cards(db).where(ownerColumn(wish.side), '=', wish.personId)
  if (wish.statuses) query = query.where('o.status', 'in', wish.statuses)
  if (wish.before !== undefined) query = query.where('o.id', '<', wish.before)
  return query.orderBy('o.id', 'desc').offset(wish.skip).limit(wish.limit).execute()
}

/** The order for its guest or its host; nothing for anybody else. */
export const findOrderDetail = (db: Db, orderId: number, personId: number) =>
  cards(db)
    .innerJoin('users as w', 'w.id', 'o.host_id')
    .select(['w.name as host_name', 'w.phone as host_phone'])
    .select(['o.guest_id', 'o.house_price_fen', 'o.night_prices_fen', 'o.trade_no', 'h.address'])
    .where('o.id', '=', orderId)
    .where((eb) => eb.or([eb('o.guest_id', '=', personId), eb('o.host_id', '=', personId)]))
    .executeTakeFirst()

export const findHistory = (db: Db, orderId: number) =>
  db
    .selectFrom('order_history')
    .select(['from_status', 'to_status', 'actor', 'reason', 'at'])
    .where('order_id', '=', orderId)
    .orderBy('id')
    .$narrowType<{ from_status: OrderStatus | null; to_status: OrderStatus }>()
    .execute()

/** What went or goes back; a refund that is no longer owed is nobody's news. */
export const findRefunds = (db: Db, orderId: number) =>
  db
    .selectFrom('refunds')
    .select(['amount_fen', 'reason', 'state', 'via', 'created_at', 'settled_at'])
    .where('order_id', '=', orderId)
    .where('state', '<>', 'VOID')
    .orderBy('id')
    .$narrowType<{ via: 'trade' | 'transfer' }>()
    .execute()
