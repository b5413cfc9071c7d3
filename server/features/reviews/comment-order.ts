import { mayStep } from '@ihome/core/orders/steps'
import type { Deps } from '../../platform/deps.ts'
import { Refusal } from '../../platform/refusal.ts'
import { type MovedOrder, moveOrder } from '../orders/move-order.ts'
import { lockOrder } from '../orders/order-lock.ts'

/**
 * The guest writes about the stay, once; the order is complete and counts for the house. Else `step_refused`.
 */
export function commentOrder(
  needs: Pick<Deps, 'transact' | 'clock'>,
  wish: { readonly orderId: number; readonly guestId: number; readonly comment: string },
): Promise<MovedOrder> {
  return needs.transact(async (tx) => {
    const now = needs.clock.now()
    const order = await lockOrder(tx, wish.orderId)
    if (!order || order.guest_id !== wish.guestId || !mayStep(order, 'comment', 'guest', now)) {
      throw new Refusal('step_refused')
    }
    return moveOrder(tx, order, { step: 'comment', comment: wish.comment }, { actor: 'guest', id: wish.guestId }, now)
  })
}
