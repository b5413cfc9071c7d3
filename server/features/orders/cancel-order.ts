import { mayStep } from '@ihome/core/orders/steps'
import type { Clock } from '../../platform/clock.ts'
import type { Tx } from '../../platform/db.ts'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'
import { type MovedOrder, moveOrder } from './move-order.ts'
import { lockOrder } from './order-lock.ts'
import type { OrderPayments } from './order-payments.ts'

export interface CancelWish {
  readonly orderId: number
  readonly personId: number
  /** Already trimmed; a host has to give one. */
  readonly note?: string | undefined
}

/**
 * Guest or host ends an order before it is paid. While an attempt could still take money the order only begins to
 * close and keeps its nights; the payments end it when the gateway is certain (promises E05, E06).
 *
 * Says no with `input_invalid` when a host gives no reason, and with `step_refused` for everything else: strangers,
 * unknown orders and wrong states hear the same.
 */
export async function cancelOrder(
  tx: Tx,
  needs: { readonly clock: Clock; readonly payments: OrderPayments },
  wish: CancelWish,
): Promise<MovedOrder> {
  const now = needs.clock.now()
  const order = await lockOrder(tx, wish.orderId)
  const viewer = order?.guest_id === wish.personId ? 'guest' : order?.host_id === wish.personId ? 'host' : undefined
  if (!order || !viewer) throw new Refusal('step_refused')
  if (viewer === 'host' && wish.note === undefined) throw inputInvalid({ field: 'reason', reason: 'is needed' })
  if (!mayStep(order, 'cancel', viewer, now)) throw new Refusal('step_refused')

  const mayBePaid = order.status === 'WAIT_PAYMENT' && (await needs.payments.couldStillTakeMoney(tx, order.id))
  const step = mayBePaid ? 'close' : 'cancel'
  return moveOrder(tx, order, { step, closeReason: viewer, note: wish.note }, { actor: viewer, id: wish.personId }, now)
}
