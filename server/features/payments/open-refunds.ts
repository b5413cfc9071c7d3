import type { Tx } from '../../platform/db.ts'

/** Whether money of an order of this person, as its guest or as its host, is still on its way back. */
export async function hasOpenRefunds(tx: Tx, userId: number): Promise<boolean> {
  const row = await tx
    .selectFrom('refunds as r')
    .innerJoin('orders as o', 'o.id', 'r.order_id')
    .select('r.id')
    .where((where) => where.or([where('o.guest_id', '=', userId), where('o.host_id', '=', userId)]))
    .where('r.state', 'not in', ['SUCCEEDED', 'VOID', 'EXTERNAL'])
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Whether money of this order is still on its way back. */
export async function hasOpenRefundOfOrder(tx: Tx, orderId: number): Promise<boolean> {
  const row = await tx
    .selectFrom('refunds')
    .select('id')
    .where('order_id', '=', orderId)
    .where('state', 'not in', ['SUCCEEDED', 'VOID', 'EXTERNAL'])
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
