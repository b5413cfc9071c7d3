import { UNPAID_STATUSES } from '@ihome/core/orders/lifecycle'
import type { Tx } from '../../platform/db.ts'

/** Whether something is still to happen in an order of this person, as its guest or as its host. */
export async function hasLiveOrders(tx: Tx, userId: number): Promise<boolean> {
  const row = await tx
    .selectFrom('orders')
    .select('id')
    .where((where) => where.or([where('guest_id', '=', userId), where('host_id', '=', userId)]))
    .where('status', 'in', [...UNPAID_STATUSES, 'PAID'])
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
