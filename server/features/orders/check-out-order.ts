import { mayStep } from '@ihome/core/orders/steps'
import type { Deps } from '../../platform/deps.ts'
import { Refusal } from '../../platform/refusal.ts'
import { type MovedOrder, moveOrder } from './move-order.ts'
import { lockOrder } from './order-lock.ts'

/** Guest or host ends the stay on its last day; neither nights nor money change. Else `step_refused`. */
export function checkOutOrder(
  needs: Pick<Deps, 'transact' | 'clock'>,
  wish: { readonly orderId: number; readonly personId: number },
): Promise<MovedOrder> {
  return needs.transact(async (tx) => {
    const now = needs.clock.now()
    const order = await lockOrder(tx, wish.orderId)
    const viewer = order?.guest_id === wish.personId ? 'guest' : order?.host_id === wish.personId ? 'host' : undefined
    if (!order || !viewer || !mayStep(order, 'check_out', viewer, now)) throw new Refusal('step_refused')
    return moveOrder(tx, order, { step: 'check_out' }, { actor: viewer, id: wish.personId }, now)
  })
}
