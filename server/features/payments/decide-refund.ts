import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/deps.ts'
import { Refusal } from '../../platform/refusal.ts'
import { recordAction } from '../operators/record-action.ts'
import { cancelForPlatform } from '../orders/desk-orders.ts'
import type { MovedOrder } from '../orders/move-order.ts'
import { lockOrder } from '../orders/order-lock.ts'
import { lockAttempt } from './attempt-store.ts'
import { endUnowed, settleRefund } from './end-refund.ts'
import { orderPayments } from './order-payments.ts'
import { lockPaid, type PartReason, promisePart } from './refund-part.ts'
import {
  findRefundRequest,
  hasOpenEnding,
  insertRefundRequest,
  lockRefundRequest,
  type RefundRequestRow,
  saveDecision,
} from './refund-request-store.ts'
import { findRefund, lastRefundOf, lockRefund, type Refund, saveRefund } from './refund-store.ts'
import { lockDebt, writeOffDebt } from './write-off-debt.ts'

type Needs = Pick<Deps, 'clock' | 'config' | 'random'>

interface Act {
  readonly operatorId: number
  /** In the operator's words, already trimmed. */
  readonly note: string
}

/** Locks a refund behind its order and attempt, as every one does who works on it. Says no with `not_found`. */
async function lockWhole(tx: Tx, refundId: number): Promise<{ refund: Refund; refundable: boolean }> {
  const found = await findRefund(tx, refundId)
  if (!found) throw new Refusal('not_found')
  if (found.order_id !== null) await lockOrder(tx, found.order_id)
  const attempt = found.attempt_id === null ? undefined : await lockAttempt(tx, found.attempt_id)
  const refund = await lockRefund(tx, refundId)
  if (!refund) throw new Refusal('not_found')
  return { refund, refundable: attempt?.refundable ?? true }
}

/**
 * Has a refund worked on again now: asked about first, then sent with the same number and amount. Says no with
 * `not_found`, and with `step_refused` where nothing is left to do, where the trade takes no refunds any more, and
 * while somebody is asked to end it by hand.
 */
export async function retryRefund(tx: Tx, needs: Needs, wish: Act & { readonly refundId: number }): Promise<void> {
  const now = needs.clock.now()
  const { refund, refundable } = await lockWhole(tx, wish.refundId)
  const isRetriable = refund.state === 'MANUAL' || refund.state === 'WAIT_FUNDS' || refund.state === 'UNKNOWN'
  if (!isRetriable || !refundable || (await hasOpenEnding(tx, refund.id))) throw new Refusal('step_refused')
  const next = refund.state === 'MANUAL' ? { state: 'UNKNOWN' as const, owner: null, due_at: null } : {}
  await saveRefund(tx, refund.id, { ...next, error: null, next_try_at: now })
  await recordAction(tx, {
    operatorId: wish.operatorId,
    at: now,
    kind: 'refund_retried',
    subject: `refund:${refund.id}`,
    reason: wish.note,
    detail: { from: refund.state },
  })
}

/**
 * Asks a second person to end a refund that no machine can carry out (promises R13). Says no with `not_found`, and with
 * `step_refused` unless it is MANUAL and nobody has asked yet.
 */
export async function askEnding(
  tx: Tx,
  needs: Needs,
  wish: Act & { readonly refundId: number; readonly how: 'transfer' | 'void' },
): Promise<number> {
  const now = needs.clock.now()
  const { refund } = await lockWhole(tx, wish.refundId)
  if (refund.state !== 'MANUAL') throw new Refusal('step_refused')
  const asked = { kind: wish.how, refund_id: refund.id, note: wish.note, asked_by: wish.operatorId, asked_at: now }
  const requestId = await insertRefundRequest(tx, asked)
  if (requestId === undefined) throw new Refusal('step_refused', { reason: 'asked_already' })
  await recordAction(tx, {
    operatorId: wish.operatorId,
    at: now,
    kind: 'refund_ending_asked',
    subject: `refund:${refund.id}`,
    reason: wish.note,
    detail: { how: wish.how, request_id: requestId },
  })
  return requestId
}

export interface Decided {
  readonly state: 'approved' | 'declined'
  readonly refundId: number | null
  /** The order that ended with it, to be announced after the commit. */
  readonly moved: MovedOrder | undefined
}

/**
 * A second operator agrees to what a first one asked for, which is then done at once, or declines. Says no with
 * `not_found`, with `role_refused` to the one who asked, and with `step_refused` when it was decided before or can no
 * longer be done: then it stays open and can be declined.
 */
export async function decideRefund(
  tx: Tx,
  needs: Needs,
  wish: Act & { readonly requestId: number; readonly decision: 'approve' | 'decline' },
): Promise<Decided> {
  const now = needs.clock.now()
  const found = await findRefundRequest(tx, wish.requestId)
  if (!found) throw new Refusal('not_found')
  if (found.asked_by === wish.operatorId) throw new Refusal('role_refused', { reason: 'own_request' })
  const isApproved = wish.decision === 'approve'
  const carryOut = isApproved ? await readyToCarryOut(tx, found, wish.operatorId) : undefined
  const request = await lockRefundRequest(tx, found.id)
  if (request?.state !== 'asked') throw new Refusal('step_refused', { reason: 'decided' })
  const done = carryOut ? await carryOut(needs, now) : { refundId: request.refund_id }
  const { refundId } = done
  const state = isApproved ? 'approved' : 'declined'
  await saveDecision(tx, request.id, {
    state,
    ...(refundId === null ? {} : { refund_id: refundId }),
    decided_by: wish.operatorId,
    decided_at: now,
    decision_note: wish.note,
  })
  await recordAction(tx, {
    operatorId: wish.operatorId,
    at: now,
    kind: `refund_${state}`,
    subject: request.order_id === null ? `refund:${refundId}` : `order:${request.order_id}`,
    reason: wish.note,
    detail: { kind: request.kind, request_id: request.id, refund_id: refundId },
  })
  return { state, refundId, moved: done.moved }
}

interface Done {
  readonly refundId: number | null
  readonly moved?: MovedOrder
}

type CarryOut = (needs: Needs, now: Date) => Promise<Done>

/** Locks what the request is about, before the request itself, and gives how it is done by the one who agrees. */
async function readyToCarryOut(tx: Tx, request: RefundRequestRow, operatorId: number): Promise<CarryOut> {
  if (request.order_id === null) return readyToEnd(tx, request)
  const orderId = request.order_id
  if (request.kind === 'cancel') {
    await lockOrder(tx, orderId)
    return async (needs) => {
      const act = { orderId, operatorId, reason: request.note }
      const { refund_fen, ...moved } = await cancelForPlatform(tx, { ...needs, payments: orderPayments }, act)
      return { refundId: refund_fen > 0 ? await lastRefundOf(tx, orderId) : null, moved }
    }
  }
  if (request.kind === 'writeoff') {
    const debt = await lockDebt(tx, orderId)
    return async (_needs, now) => {
      await writeOffDebt(tx, request, debt, now)
      return { refundId: null }
    }
  }
  const paid = await lockPaid(tx, orderId)
  const part = { amountFen: request.amount_fen ?? 0, reason: request.reason as PartReason, note: request.note }
  return async (needs, now) => ({ refundId: await promisePart(tx, needs, paid, part, now) })
}

async function readyToEnd(tx: Tx, request: RefundRequestRow): Promise<CarryOut> {
  const { refund } = await lockWhole(tx, request.refund_id ?? 0)
  return async (needs, now) => {
    if (refund.state !== 'MANUAL') throw new Refusal('step_refused', { reason: 'not_manual' })
    if (request.kind === 'void') await endUnowed(tx, needs, refund, now)
    else await settleRefund(tx, refund, 'transfer', now)
    return { refundId: refund.id }
  }
}
