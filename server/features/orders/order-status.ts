import type { OrderStatus } from '@ihome/core/orders/lifecycle'
import type { Db, Tx } from '../../platform/db.ts'

/** Where an order stands now and whose it is, for features that tell about it without changing it. */
export interface OrderInBrief {
  readonly status: OrderStatus
  readonly guest_id: number
  readonly host_id: number
  readonly house_id: number
}

export const orderInBrief = (db: Db | Tx, orderId: number): Promise<OrderInBrief | undefined> =>
  db
    .selectFrom('orders')
    .select(['status', 'guest_id', 'host_id', 'house_id'])
    .where('id', '=', orderId)
    .$narrowType<{ status: OrderStatus }>()
    .executeTakeFirst()
