import type { OrderStatus } from '@ihome/core/orders/lifecycle'
import type { Tx } from '../../platform/db.ts'
import type { Events } from '../../platform/events.ts'
import { putMessage } from '../../platform/outbox.ts'
import type { LockedOrder } from './order-lock.ts'

/** The topic of everything a person is told about an order. */
export const NOTICE = 'notice'

/** What a person is told when an order enters a status, and who. Entering CLOSING says nothing: its end will. */
const NEWS: Readonly<
  Partial<Record<OrderStatus, { readonly name: string; readonly to: readonly ('guest' | 'host')[] }>>
> = {
  WAIT_ACCEPT: { name: 'placed', to: ['host'] },
  WAIT_PAYMENT: { name: 'accepted', to: ['guest'] },
  REJECTED: { name: 'rejected', to: ['guest'] },
  PAID: { name: 'paid', to: ['guest', 'host'] },
  WAIT_COMMENT: { name: 'checked_out', to: ['guest'] },
  COMPLETE: { name: 'completed', to: ['host'] },
  CANCELED: { name: 'canceled', to: ['guest', 'host'] },
}

/** Puts what the people of an order must hear about its new status into the outbox, once each. */
export async function tellPeople(
  tx: Tx,
  order: Pick<LockedOrder, 'id' | 'guest_id' | 'host_id' | 'house_id'>,
  status: OrderStatus,
  now: Date,
): Promise<void> {
  const news = NEWS[status]
  if (!news) return
  for (const person of news.to) {
    await putMessage(tx, {
      topic: NOTICE,
      dedupeKey: `${news.name}:${order.id}:${person}`,
      orderId: order.id,
      payload: {
        news: news.name,
        order_id: order.id,
        house_id: order.house_id,
        user_id: person === 'guest' ? order.guest_id : order.host_id,
      },
      createdAt: now,
      dueAt: now,
    })
  }
}

/** Tells the caches which house looks different now that its order has this status. Called after the commit. */
export function announceMove(events: Events, order: { readonly house_id: number; readonly status: OrderStatus }): void {
  const { house_id: houseId, status } = order
  if (status === 'WAIT_ACCEPT' || status === 'WAIT_PAYMENT' || status === 'CANCELED' || status === 'REJECTED') {
    events.publish({ kind: 'calendar_changed', houseId })
  }
  if (status === 'COMPLETE') events.publish({ kind: 'house_changed', houseId })
}
