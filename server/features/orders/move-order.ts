import {
  type Actor,
  type CloseReason,
  canStillBePaid,
  nextStatus,
  type OrderStatus,
  STAY_OF_STATUS,
} from '@ihome/core/orders/lifecycle'
import type { Tx } from '../../platform/db.ts'
import { Refusal } from '../../platform/refusal.ts'
import { raiseOrderCount } from '../houses/raise-order-count.ts'
import { insertHistory, saveMove, saveStay } from './move-store.ts'
import type { LockedOrder } from './order-lock.ts'
import { tellPeople } from './order-messages.ts'

/** A step of the lifecycle with what it has to say. */
export type OrderMove =
  | { readonly step: 'accept'; readonly payBy: Date; readonly holdUntil: Date }
  | { readonly step: 'reject'; readonly reason: string }
  | { readonly step: 'close' | 'cancel'; readonly closeReason: CloseReason; readonly note?: string | undefined }
  | { readonly step: 'settle' }
  | { readonly step: 'pay'; readonly tradeNo: string }
  | { readonly step: 'check_out' }
  | { readonly step: 'comment'; readonly comment: string }
  | { readonly step: 'complete' }

/** Who moves the order; `id` is the person, where it is one. */
export interface Mover {
  readonly actor: Actor
  readonly id?: number
}

/** An order after a move. */
export interface MovedOrder {
  readonly id: number
  readonly house_id: number
  readonly status: OrderStatus
}

/**
 * The one function that changes the status of an order: the row (on status and version), its history, its nights, the
 * house's count and the messages, all in the caller's transaction. `order` comes from `lockOrder` of that transaction;
 * after the commit the caller passes what this gives to `announceMove`.
 *
 * Says no with `step_refused` when the lifecycle does not allow the step from here to this actor, or when the order
 * has changed since it was read.
 */
export async function moveOrder(
  tx: Tx,
  order: LockedOrder,
  move: OrderMove,
  by: Mover,
  now: Date,
): Promise<MovedOrder> {
  const to = nextStatus(order.status, move.step, by.actor)
  if (!to) throw new Refusal('step_refused')
  if (move.step === 'pay' && !canStillBePaid(order.status, order.close_reason ?? undefined)) {
    throw new Refusal('step_refused')
  }
  if (!(await saveMove(tx, order, to, writtenBy(move, now), now))) throw new Refusal('step_refused')

  await moveStay(tx, order, move, to, now)
  await insertHistory(tx, {
    orderId: order.id,
    from: order.status,
    to,
    actor: by.actor,
    actorId: by.id,
    reason: reasonOf(move, order),
    at: now,
  })
  if (to === 'COMPLETE') await raiseOrderCount(tx, order.house_id)
  await tellPeople(tx, order, to, now)
  return { id: order.id, house_id: order.house_id, status: to }
}

/** What a step writes beside the status. The CHECKs of the table say the same. */
function writtenBy(move: OrderMove, now: Date) {
  switch (move.step) {
    case 'accept':
      return { pay_by: move.payBy }
    case 'reject':
      return { reject_reason: move.reason }
    case 'close':
    case 'cancel':
      return { close_reason: move.closeReason, cancel_note: move.note ?? null }
    case 'settle':
      return {}
    case 'pay':
      // Money that came while the order was closing because of time makes it live again (promises E04).
      return { trade_no: move.tradeNo, paid_at: now, close_reason: null, cancel_note: null }
    case 'check_out':
      return { checked_out_at: now }
    case 'comment':
      return { comment: move.comment, completed_at: now, counted_at: now }
    case 'complete':
      return { completed_at: now, counted_at: now }
  }
}

function reasonOf(move: OrderMove, order: LockedOrder): string | null {
  switch (move.step) {
    case 'reject':
      return move.reason
    case 'close':
    case 'cancel':
      return move.note ?? move.closeReason
    case 'settle':
      return order.cancel_note ?? order.close_reason
    default:
      return null
  }
}

async function moveStay(tx: Tx, order: LockedOrder, move: OrderMove, to: OrderStatus, now: Date): Promise<void> {
  const state = STAY_OF_STATUS[to]
  if (state === order.stay_state && move.step !== 'accept') return
  const holdUntil = move.step === 'accept' ? move.holdUntil : undefined
  // An order whose nights are gone must not move on as if it had them; the transaction is given up (promises C2).
  if (await saveStay(tx, order, { state, holdUntil, now })) return
  throw new Error(`order ${order.id} has lost its nights`)
}
