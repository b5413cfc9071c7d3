import { debtWrittenOff } from '@ihome/core/ledger/postings'
import { toFen } from '@ihome/core/money'
import type { Db, Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/deps.ts'
import { Refusal } from '../../platform/refusal.ts'
import { post } from '../ledger/post.ts'
import { recordAction } from '../operators/record-action.ts'
import { type LockedOrder, lockOrder } from '../orders/order-lock.ts'
import { lockHostAccounts } from '../payouts/promised.ts'
import { debtOfOrder } from './debt-store.ts'
import { insertRefundRequest, listOpenWishes, type RefundRequestRow } from './refund-request-store.ts'

/** The desk's view of what an order's host owes because of it, and of what waits for a second person. */
export interface OpenMatters {
  readonly debt: number
  readonly asked: ('cancel' | 'writeoff')[]
}

export async function openMattersOf(
  { db }: { readonly db: Db },
  order: { readonly id: number; readonly hostId: number },
): Promise<OpenMatters> {
  const [debt, asked] = await Promise.all([debtOfOrder(db, order), listOpenWishes(db, order.id)])
  return { debt, asked: asked.filter((kind) => kind === 'cancel' || kind === 'writeoff') }
}

/**
 * Asks a second person to write off what the host of this order owes because of it (promises E32): payouts have not
 * netted it and, as the operator has found out, never will. Whatever the sum, nobody does this alone. Says no with
 * `order_not_found`, and with `step_refused` when nothing is owed or somebody has asked already.
 */
export async function askWriteOff(
  tx: Tx,
  { clock }: Pick<Deps, 'clock'>,
  wish: { readonly orderId: number; readonly operatorId: number; readonly note: string },
): Promise<{ readonly requestId: number; readonly debtFen: number }> {
  const now = clock.now()
  const { order, debtFen } = await lockDebt(tx, wish.orderId)
  if (debtFen === 0) throw new Refusal('step_refused', { reason: 'no_debt' })
  const requestId = await insertRefundRequest(tx, {
    kind: 'writeoff',
    order_id: order.id,
    amount_fen: debtFen,
    note: wish.note,
    asked_by: wish.operatorId,
    asked_at: now,
  })
  if (requestId === undefined) throw new Refusal('step_refused', { reason: 'asked_already' })
  await recordAction(tx, {
    operatorId: wish.operatorId,
    at: now,
    kind: 'writeoff_asked',
    subject: `order:${order.id}`,
    reason: wish.note,
    detail: { amount_fen: debtFen, request_id: requestId },
  })
  return { requestId, debtFen }
}

/** Locks the order and its host's accounts, and gives what can be written off. Says no with `order_not_found`. */
export async function lockDebt(
  tx: Tx,
  orderId: number,
): Promise<{ readonly order: LockedOrder; readonly debtFen: number }> {
  const order = await lockOrder(tx, orderId)
  if (!order) throw new Refusal('order_not_found')
  await lockHostAccounts(tx, order.host_id)
  return { order, debtFen: await debtOfOrder(tx, { id: order.id, hostId: order.host_id }) }
}

/** Books the debt as the platform's loss. A payout may have netted some of it since: then the wish is another one. */
export async function writeOffDebt(
  tx: Tx,
  request: Pick<RefundRequestRow, 'id' | 'amount_fen'>,
  { order, debtFen }: { readonly order: LockedOrder; readonly debtFen: number },
  now: Date,
): Promise<void> {
  const amountFen = request.amount_fen ?? 0
  if (amountFen > debtFen) throw new Refusal('step_refused', { reason: 'too_much', left_fen: debtFen })
  await post(tx, {
    businessKey: `writeoff:${request.id}`,
    event: 'writeoff',
    causes: { orderId: order.id },
    entries: debtWrittenOff(String(order.host_id), toFen(amountFen)),
    at: now,
  })
}
