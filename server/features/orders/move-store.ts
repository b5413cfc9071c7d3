import type { OrderStatus, StayState } from '@ihome/core/orders/lifecycle'
import type { Updateable } from 'kysely'
import type { Tx } from '../../platform/db.ts'
import type { Database } from '../../platform/db-types.ts'
import type { LockedOrder } from './order-lock.ts'

/** Sets the order to `to` if it is still as it was read; gives whether it was. */
export async function saveMove(
  tx: Tx,
  order: LockedOrder,
  to: OrderStatus,
  written: Updateable<Database['orders']>,
  now: Date,
): Promise<boolean> {
  const moved = await tx
    .updateTable('orders')
    .set({ ...written, status: to, status_at: now, updated_at: now, version: order.version + 1 })
    .where('id', '=', order.id)
    .where('status', '=', order.status)
    .where('version', '=', order.version)
    .executeTakeFirst()
  return moved.numUpdatedRows === 1n
}

/** Sets the order's nights to `state` if they are still as they were read; gives whether they were. */
export async function saveStay(
  tx: Tx,
  order: LockedOrder,
  stay: { readonly state: StayState; readonly holdUntil?: Date | undefined; readonly now: Date },
): Promise<boolean> {
  const moved = await tx
    .updateTable('stays')
    .set({
      state: stay.state,
      ...(stay.state === 'held' ? {} : { hold_until: null }),
      ...(stay.state === 'released' ? { released_at: stay.now } : {}),
      ...(stay.holdUntil ? { hold_until: stay.holdUntil } : {}),
    })
    .where('order_id', '=', order.id)
    .where('state', '=', order.stay_state)
    .executeTakeFirst()
  return moved.numUpdatedRows === 1n
}

export interface HistoryLine {
  readonly orderId: number
  readonly from: OrderStatus
  readonly to: OrderStatus
  readonly actor: string
  readonly actorId: number | undefined
  readonly reason: string | null
  readonly at: Date
}

export async function insertHistory(tx: Tx, line: HistoryLine): Promise<void> {
  await tx
    .insertInto('order_history')
    .values({
      order_id: line.orderId,
      from_status: line.from,
      to_status: line.to,
      actor: line.actor,
      actor_id: line.actorId ?? null,
      reason: line.reason,
      at: line.at,
    })
    .execute()
}
