import { clawback } from '@ihome/core/ledger/postings'
import { toFen } from '@ihome/core/money'
import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/deps.ts'
import { Refusal } from '../../platform/refusal.ts'
import { post } from '../ledger/post.ts'
import { recordAction } from '../operators/record-action.ts'
import { type LockedOrder, lockOrder } from '../orders/order-lock.ts'
import { type Attempt, lockAppliedAttempt } from './attempt-store.ts'
import { newOutRequestNo } from './out-trade-no.ts'
import { givenAloneFen, insertRefundRequest } from './refund-request-store.ts'
import { refundSources } from './refund-sources.ts'
import { promisedFen, type RefundReason, reserveRefund } from './refund-store.ts'

export type PartReason = Extract<RefundReason, 'system_cancel' | 'early_end' | 'dispute'>

export interface PartWish {
  readonly orderId: number
  readonly operatorId: number
  readonly amountFen: number
  readonly reason: PartReason
  /** In the operator's words, already trimmed. */
  readonly note: string
}

export interface PartOutcome {
  readonly outcome: 'promised' | 'asked'
  readonly refundId: number | null
  readonly requestId: number | null
  /** What may still be given back of the order. */
  readonly leftFen: number
}

type Needs = Pick<Deps, 'clock' | 'config' | 'random'>

/**
 * An operator gives back a part of what a guest paid, whatever has become of the order; above the configured sum, with
 * what was given back of the order without a second person before, it is only asked for and counts from the moment a
 * second operator agrees. Several parts may follow each other, together never more than was received (promises R1): of
 * two at once the second sees what the first left.
 *
 * Says no with `order_not_found`, and with `step_refused` for an order that nobody paid and for more than is left, of
 * which it gives `left_fen`.
 */
export async function refundPart(tx: Tx, needs: Needs, wish: PartWish): Promise<PartOutcome> {
  const now = needs.clock.now()
  const paid = await lockPaid(tx, wish.orderId)
  const left = await leftOf(tx, paid.attempt)
  if (wish.amountFen > left) throw tooMuch(left)
  const act = { operatorId: wish.operatorId, at: now, subject: `order:${wish.orderId}`, reason: wish.note }
  const detail = { amount_fen: wish.amountFen, why: wish.reason }
  if ((await givenAloneFen(tx, wish.orderId)) + wish.amountFen > needs.config.limits.refundApprovalFen) {
    const requestId = await insertRefundRequest(tx, {
      kind: 'part',
      order_id: wish.orderId,
      amount_fen: wish.amountFen,
      reason: wish.reason,
      note: wish.note,
      asked_by: wish.operatorId,
      asked_at: now,
    })
    await recordAction(tx, { ...act, kind: 'refund_asked', detail: { ...detail, request_id: requestId ?? null } })
    return { outcome: 'asked', refundId: null, requestId: requestId ?? null, leftFen: left }
  }
  const refundId = await promisePart(tx, needs, paid, wish, now)
  await recordAction(tx, { ...act, kind: 'refund_promised', detail: { ...detail, refund_id: refundId } })
  return { outcome: 'promised', refundId, requestId: null, leftFen: left - wish.amountFen }
}

interface PaidOrder {
  readonly order: LockedOrder
  readonly attempt: Attempt
}

/** Locks an order and the attempt that paid it. Says no with `order_not_found`, and `step_refused` for an unpaid one. */
export async function lockPaid(tx: Tx, orderId: number): Promise<PaidOrder> {
  const order = await lockOrder(tx, orderId)
  if (!order) throw new Refusal('order_not_found')
  const attempt = await lockAppliedAttempt(tx, orderId)
  if (!attempt) throw new Refusal('step_refused', { reason: 'not_paid' })
  return { order, attempt }
}

export const leftOf = async (tx: Tx, attempt: Pick<Attempt, 'id' | 'received_fen'>): Promise<number> =>
  attempt.received_fen - (await promisedFen(tx, attempt.id))

const tooMuch = (leftFen: number): Refusal => new Refusal('step_refused', { reason: 'too_much', left_fen: leftFen })

/** Promises the part, with its posting; a job sends it. Order and attempt are locked. Says no as {@link refundPart}. */
export async function promisePart(
  tx: Tx,
  needs: Needs,
  { order, attempt }: PaidOrder,
  wish: Pick<PartWish, 'amountFen' | 'reason' | 'note'>,
  now: Date,
): Promise<number> {
  const left = await leftOf(tx, attempt)
  if (wish.amountFen > left) throw tooMuch(left)
  const entries = clawback(
    String(order.id),
    String(order.host_id),
    toFen(wish.amountFen),
    await refundSources(tx, order),
  )
  const refundId = await reserveRefund(tx, {
    attempt_id: attempt.id,
    order_id: order.id,
    out_trade_no: attempt.out_trade_no,
    out_request_no: newOutRequestNo(needs.config.publicOrigin, needs.random, now),
    amount_fen: wish.amountFen,
    reason: wish.reason,
    note: wish.note,
    created_at: now,
  })
  await post(tx, {
    businessKey: `clawback:${refundId}`,
    event: 'clawback',
    causes: { orderId: order.id, attemptId: attempt.id, refundId },
    entries,
    at: now,
  })
  return refundId
}
