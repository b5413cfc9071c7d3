import type { Tx } from '../../platform/db.ts'
import { putMessage } from '../../platform/outbox.ts'
import { NOTICE } from '../orders/order-messages.ts'
import { orderInBrief } from '../orders/order-status.ts'

/** Puts into the outbox, once for each refund and person, that money of an order went back. */
export async function tellPeopleOfRefund(
  tx: Tx,
  orderId: number | null,
  refund: { readonly refundId: number; readonly amountFen: number; readonly people: readonly ('guest' | 'host')[] },
  now: Date,
): Promise<void> {
  const order = orderId === null ? undefined : await orderInBrief(tx, orderId)
  if (orderId === null || !order) return
  for (const person of refund.people) {
    await putMessage(tx, {
      topic: NOTICE,
      dedupeKey: `refunded:${refund.refundId}:${person}`,
      orderId,
      payload: {
        news: 'refunded',
        order_id: orderId,
        house_id: order.house_id,
        user_id: person === 'guest' ? order.guest_id : order.host_id,
        amount_fen: refund.amountFen,
      },
      createdAt: now,
      dueAt: now,
    })
  }
}
