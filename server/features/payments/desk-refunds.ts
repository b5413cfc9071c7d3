import type {
  DeskRefund,
  DeskRefundQuery,
  DeskRefunds,
  RefundableView,
  RefundRequest,
  RefundRequestQuery,
  RefundRequests,
} from '@ihome/contract/schemas/refunds'
import type { Deps } from '../../platform/deps.ts'
import { deskList, deskSpan } from '../../platform/desk-page.ts'
import { Refusal } from '../../platform/refusal.ts'
import { countDeskRefunds, findRefundable, listDeskRefunds, REFUND_KEYS } from './desk-refund-store.ts'
import { countRefundRequests, givenAloneFen, listRefundRequests, REQUEST_KEYS } from './refund-request-store.ts'

type Needs = Pick<Deps, 'db' | 'config'>

/** Refunds by state, and by the number of their order, their trade or their own, newest first. */
export async function listRefundsForDesk({ db }: Needs, filter: DeskRefundQuery): Promise<DeskRefunds> {
  const span = deskSpan(filter, REFUND_KEYS)
  const [total, rows] = await Promise.all([countDeskRefunds(db, filter), listDeskRefunds(db, filter, span)])
  return deskList(rows.map(viewOf), total, span.page, span.take)
}

function viewOf(row: Awaited<ReturnType<typeof listDeskRefunds>>[number]): DeskRefund {
  const isStuck = row.state === 'MANUAL' || row.state === 'WAIT_FUNDS' || row.state === 'UNKNOWN'
  return {
    refund_id: row.id,
    order_id: row.order_id,
    out_trade_no: row.out_trade_no,
    out_request_no: row.out_request_no,
    state: row.state as DeskRefund['state'],
    reason: row.reason,
    via: row.via as DeskRefund['via'],
    amount: row.amount_fen,
    left: row.left_fen,
    note: row.note,
    error: row.error,
    owner: row.owner,
    due_at: row.due_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
    settled_at: row.settled_at?.toISOString() ?? null,
    asked: row.asked as DeskRefund['asked'],
    may_retry: isStuck && row.refundable !== false && row.asked === null,
    may_end: row.state === 'MANUAL' && row.asked === null,
  }
}

/** What operators asked of each other, newest first; `viewerId` sees which of it is their own. */
export async function listRequestsForDesk(
  { db }: Needs,
  filter: RefundRequestQuery,
  viewerId: number,
): Promise<RefundRequests> {
  const span = deskSpan(filter, REQUEST_KEYS)
  const [total, rows] = await Promise.all([countRefundRequests(db, filter), listRefundRequests(db, filter, span)])
  const requests = rows.map(
    (row): RefundRequest => ({
      request_id: row.id,
      kind: row.kind as RefundRequest['kind'],
      order_id: row.order_id,
      refund_id: row.refund_id,
      amount: row.amount_fen,
      reason: row.reason,
      note: row.note,
      state: row.state as RefundRequest['state'],
      asked_by: row.asker,
      asked_at: row.asked_at.toISOString(),
      decided_by: row.decider,
      decided_at: row.decided_at?.toISOString() ?? null,
      decision_note: row.decision_note,
      mine: row.asked_by === viewerId,
    }),
  )
  return deskList(requests, total, span.page, span.take)
}

/** How much of an order can still be given back. Says no with `order_not_found`. */
export async function readRefundable({ db, config }: Needs, orderId: number): Promise<RefundableView> {
  const found = await findRefundable(db, orderId)
  if (!found) throw new Refusal('order_not_found')
  const { status, received, promised } = found
  return {
    order_id: orderId,
    status,
    received,
    promised,
    left: received - promised,
    // What one person may still give back of it alone.
    approval_above: Math.max(0, config.limits.refundApprovalFen - (await givenAloneFen(db, orderId))),
  }
}
