import { cancelPaid, clawback } from '@ihome/core/ledger/postings'
import { type Fen, lessFen, toFen } from '@ihome/core/money'
import { hostShare, refundIfCancelled } from '@ihome/core/orders/cancel-rule'
import type { Canceller } from '@ihome/core/orders/steps'
import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/deps.ts'
import { heldFen, post } from '../ledger/post.ts'
import type { LockedOrder } from '../orders/order-lock.ts'
import { lockAppliedAttempt } from './attempt-store.ts'
import { newOutRequestNo } from './out-trade-no.ts'
import { feeRates } from './payment-needs.ts'
import { refundSources } from './refund-sources.ts'
import { promisedFen, reserveRefund } from './refund-store.ts'

const REASONS = { guest: 'guest_cancel', host: 'host_cancel', system: 'system_cancel' } as const

/**
 * Divides the money of a paid order that its guest or host ends at `now`: what goes back is promised, so that a job
 * sends it, and the rest is the host's, less the fees on that rest alone. `order` is locked by this transaction and is
 * as it was read, that is PAID. Gives what goes back; nothing is promised when that is nothing. What the host was
 * credited for already is taken back (promises T5).
 */
export async function refundPaid(
  tx: Tx,
  needs: Pick<Deps, 'config' | 'random'>,
  order: LockedOrder,
  by: Canceller,
  now: Date,
): Promise<Fen> {
  const attempt = await lockAppliedAttempt(tx, order.id)
  if (!attempt) throw new Error(`order ${order.id} is paid by no attempt`)
  const returned = toFen(await promisedFen(tx, attempt.id))
  const paid = { order, rule: order.cancel_rule, amount: toFen(order.amount_fen), returned }
  const refund = refundIfCancelled(paid, by, now)
  const held = toFen(await heldFen(tx, order.id))
  const refundId =
    refund === 0
      ? undefined
      : await reserveRefund(tx, {
          attempt_id: attempt.id,
          order_id: order.id,
          out_trade_no: attempt.out_trade_no,
          out_request_no: newOutRequestNo(needs.config.publicOrigin, needs.random, now),
          amount_fen: refund,
          reason: REASONS[by],
          created_at: now,
        })
  const causes = { orderId: order.id, attemptId: attempt.id, ...(refundId === undefined ? {} : { refundId }) }
  // The host has been credited, so nothing is held any more.
  if (refund > held) {
    await post(tx, {
      businessKey: `clawback:${refundId}`,
      event: 'clawback',
      causes,
      entries: clawback(String(order.id), String(order.host_id), refund, await refundSources(tx, order)),
      at: now,
    })
    return refund
  }
  // When others gave everything back at the gateway, nothing is held and there is nothing to divide.
  if (held > 0) {
    await post(tx, {
      businessKey: `cancel:${order.id}`,
      event: 'cancel',
      causes,
      entries: cancelPaid(
        String(order.id),
        String(order.host_id),
        refund,
        hostShare(lessFen(held, refund), feeRates(needs.config)),
      ),
      at: now,
    })
  }
  return refund
}
