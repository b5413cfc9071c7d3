import type { OrderStatus } from '@ihome/core/orders/lifecycle'
import type { Db } from '../../platform/db.ts'

/** Where an order stands now, for features that tell about it without changing it. */
export const orderStatusOf = async (db: Db, orderId: number): Promise<OrderStatus | undefined> => {
  const row = await db
    .selectFrom('orders')
    .select('status')
    .where('id', '=', orderId)
    .$narrowType<{ status: OrderStatus }>()
    .executeTakeFirst()
  return row?.status
}
