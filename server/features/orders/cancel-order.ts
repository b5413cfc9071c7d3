import { type Fen, toFen } from '@ihome/core/money'
import { mayStep } from '@ihome/core/orders/steps'
import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/deps.ts'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'
import { type MovedOrder, moveOrder } from './move-order.ts'
import { lockOrder } from './order-lock.ts'
import type { OrderPayments } from './order-payments.ts'

type Needs = Pick<Deps, 'clock' | 'config' | 'random'> & { readonly payments: OrderPayments }

export interface CancelWish {
  readonly orderId: number
  readonly personId: number
  /** Already trimmed; a host has to give one. */
  readonly note?: string | undefined
}

export interface CanceledOrder extends MovedOrder {
  /** What goes back for it now. Money that arrives while the order is closing goes back whole, later. */
  readonly refund_fen: Fen
}

/**
 * Guest or host ends an order: before it is paid, or paid until check-in, with the refund of its rule promised in the
 * same transaction. While an attempt could still take money the order only begins to close and keeps its nights; the
 * payments end it when the gateway is certain (promises E05, E06).
 *
 * Says no with `input_invalid` when a host gives no reason, and with `step_refused` for everything else: strangers,
 * unknown orders and wrong states hear the same.
 */
export async function cancelOrder(tx: Tx, needs: Needs, wish: CancelWish): Promise<CanceledOrder> {
  const now = needs.clock.now()
  const order = await lockOrder(tx, wish.orderId)
  const viewer = order?.guest_id === wish.personId ? 'guest' : order?.host_id === wish.personId ? 'host' : undefined
  if (!order || !viewer) throw new Refusal('step_refused')
  if (viewer === 'host' && wish.note === undefined) throw inputInvalid({ field: 'reason', reason: 'is needed' })
  if (!mayStep(order, 'cancel', viewer, now)) throw new Refusal('step_refused')

  const mayBePaid = order.status === 'WAIT_PAYMENT' && (await needs.payments.couldStillTakeMoney(tx, order.id))
  const move = { step: mayBePaid ? 'close' : 'cancel', closeReason: viewer, note: wish.note } as const
  const moved = await moveOrder(tx, order, move, { actor: viewer, id: wish.personId }, now)
  const isPaid = order.status === 'PAID'
  return { ...moved, refund_fen: isPaid ? await needs.payments.refundPaid(tx, needs, order, viewer, now) : toFen(0) }
}
