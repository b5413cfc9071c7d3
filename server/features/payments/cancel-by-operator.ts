import type { OrderStatus } from '@ihome/core/orders/lifecycle'
import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/deps.ts'
import { Refusal } from '../../platform/refusal.ts'
import { recordAction } from '../operators/record-action.ts'
import { cancelForPlatform } from '../orders/desk-orders.ts'
import type { MovedOrder } from '../orders/move-order.ts'
import { lockOrder } from '../orders/order-lock.ts'
import type { OrderPayments } from '../orders/order-payments.ts'
import { lockAppliedAttempt } from './attempt-store.ts'
import { leftOf } from './refund-part.ts'
import { givenAloneFen, insertRefundRequest } from './refund-request-store.ts'

type Needs = Pick<Deps, 'clock' | 'config' | 'random'> & { readonly payments: OrderPayments }

export interface CancelOutcome {
  readonly outcome: 'canceled' | 'asked'
  readonly status: OrderStatus
  /** What goes back, or will when it is agreed to. */
  readonly refundFen: number
  readonly requestId: number | null
  /** To be announced after the commit. */
  readonly moved: MovedOrder | undefined
}

/**
 * An operator ends an order for the platform. All that is left of what was paid goes back (promises R9); where that is
 * more than one operator may give back alone, the end itself is only asked for: the guest keeps order and nights until a
 * second operator agrees. An order that ended at once could not come back (O5), and what it owes its guest could not be
 * declined any more, so that the second person would have nothing to decide.
 *
 * Says no with `step_refused` when it cannot be ended any more, and when somebody has asked for it before.
 */
export async function cancelByOperator(
  tx: Tx,
  needs: Needs,
  wish: { readonly orderId: number; readonly operatorId: number; readonly reason: string },
): Promise<CancelOutcome> {
  const now = needs.clock.now()
  const order = await lockOrder(tx, wish.orderId)
  const attempt = order?.status === 'PAID' ? await lockAppliedAttempt(tx, wish.orderId) : undefined
  const left = attempt ? await leftOf(tx, attempt) : 0
  const act = { operatorId: wish.operatorId, at: now, subject: `order:${wish.orderId}`, reason: wish.reason }
  const alone = left > 0 ? left + (await givenAloneFen(tx, wish.orderId)) : 0
  if (order && alone > needs.config.limits.refundApprovalFen) {
    const requestId = await insertRefundRequest(tx, {
      kind: 'cancel',
      order_id: order.id,
      amount_fen: left,
      reason: 'system_cancel',
      note: wish.reason,
      asked_by: wish.operatorId,
      asked_at: now,
    })
    if (requestId === undefined) throw new Refusal('step_refused', { reason: 'asked_already' })
    const detail = { amount_fen: left, request_id: requestId }
    await recordAction(tx, { ...act, kind: 'order_cancel_asked', detail })
    return { outcome: 'asked', status: order.status, refundFen: left, requestId, moved: undefined }
  }
  const moved = await cancelForPlatform(tx, needs, wish)
  await recordAction(tx, { ...act, kind: 'order_cancelled', detail: { refund_fen: moved.refund_fen } })
  return { outcome: 'canceled', status: moved.status, refundFen: moved.refund_fen, requestId: null, moved }
}
