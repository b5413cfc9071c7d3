import { refundSucceeded, refundVoid } from '@ihome/core/ledger/postings'
import { toFen } from '@ihome/core/money'
import type { Tx } from '../../platform/db.ts'
import { accountSum, canReturnToEscrow, post, reverse } from '../ledger/post.ts'
import { closeCase } from './case-store.ts'
import { tellPeopleOfRefund } from './refund-messages.ts'
import { openPromisesFen, type Refund, saveRefund, voidRefund } from './refund-store.ts'

/** Whose money a refund is: the order's, or the unknown payer's of a trade. */
const ownerOf = (refund: Refund) => (refund.order_id === null ? refund.out_trade_no : String(refund.order_id))

const causesOf = (refund: Refund) => ({
  refundId: refund.id,
  ...(refund.order_id === null ? {} : { orderId: refund.order_id }),
  ...(refund.attempt_id === null ? {} : { attemptId: refund.attempt_id }),
})

/** The money has reached the buyer: through the trade, or by a transfer that people made (promises E25). */
export async function settleRefund(tx: Tx, refund: Refund, via: 'trade' | 'transfer', now: Date): Promise<void> {
  await saveRefund(tx, refund.id, {
    state: 'SUCCEEDED',
    via,
    done_fen: refund.amount_fen,
    settled_at: now,
    next_try_at: null,
    lease_until: null,
    error: null,
  })
  await post(tx, {
    businessKey: `refund:${refund.id}`,
    event: 'refund',
    causes: causesOf(refund),
    entries: refundSucceeded(ownerOf(refund), toFen(refund.amount_fen)),
    at: now,
  })
  await closeCase(tx, 'refund_manual', refund.out_request_no ?? '', now)
  const told = { refundId: refund.id, amountFen: refund.amount_fen, people: ['guest'] } as const
  await tellPeopleOfRefund(tx, refund.order_id, told, now)
}

/**
 * The refund is no longer owed. A part that came from the money held for a stay is held for it again, so that host and
 * guest get theirs as if nobody had promised it. Otherwise what nobody is owed any more stays with the platform, so that
 * nothing is owed back for ever; what another refund still needs is left alone. Order, attempt and refund are locked.
 */
export async function endUnowed(tx: Tx, refund: Refund, now: Date): Promise<void> {
  await voidRefund(tx, refund, now)
  const owner = refund.order_id === null ? { outTradeNo: refund.out_trade_no } : { orderId: refund.order_id }
  const owed = 0 - (await accountSum(tx, 'REFUND_PAYABLE', ownerOf(refund)))
  const freed = Math.min(refund.amount_fen, owed - (await openPromisesFen(tx, owner)))
  const promise = `clawback:${refund.id}`
  if (freed === refund.amount_fen && (await canReturnToEscrow(tx, promise))) {
    await reverse(tx, promise, { causes: causesOf(refund), at: now })
  } else if (freed > 0) {
    await post(tx, {
      businessKey: `void:${refund.id}`,
      event: 'writeoff',
      causes: causesOf(refund),
      entries: refundVoid(ownerOf(refund), toFen(freed)),
      at: now,
    })
  }
  await closeCase(tx, 'refund_manual', refund.out_request_no ?? '', now)
}
