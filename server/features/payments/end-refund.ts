import { clawbackVoid, heldOf, refundSucceeded, refundVoid } from '@ihome/core/ledger/postings'
import { toFen } from '@ihome/core/money'
import { hostShare } from '@ihome/core/orders/cancel-rule'
import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/deps.ts'
import { accountSum, entriesOf, post, reverse, standingOfMoney } from '../ledger/post.ts'
import { lockOrder } from '../orders/order-lock.ts'
import { lockHostAccounts } from '../payouts/promised.ts'
import { closeCase } from './case-store.ts'
import { feeRates } from './payment-needs.ts'
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
 * The refund is no longer owed. A part that was promised out of a stay's money goes back there, so that host and guest
 * get theirs as if nobody had promised it. Otherwise what nobody is owed any more stays with the platform, so that
 * nothing is owed back for ever; what another refund still needs is left alone. Order, attempt and refund are locked.
 */
export async function endUnowed(tx: Tx, needs: Pick<Deps, 'config'>, refund: Refund, now: Date): Promise<void> {
  await voidRefund(tx, refund, now)
  const owner = refund.order_id === null ? { outTradeNo: refund.out_trade_no } : { orderId: refund.order_id }
  const owed = 0 - (await accountSum(tx, 'REFUND_PAYABLE', ownerOf(refund)))
  const freed = Math.min(refund.amount_fen, owed - (await openPromisesFen(tx, owner)))
  const isUndone = freed === refund.amount_fen && (await undoPart(tx, needs, refund, now))
  if (freed > 0 && !isUndone) {
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

/** Takes back the promise of a part of a stay that goes on. False when the refund was no such part, or its order ended. */
async function undoPart(tx: Tx, { config }: Pick<Deps, 'config'>, refund: Refund, now: Date): Promise<boolean> {
  const { order_id: orderId } = refund
  if (orderId === null) return false
  const promise = `clawback:${refund.id}`
  const taken = await entriesOf(tx, promise)
  const standing = await standingOfMoney(tx, orderId)
  if (taken.length === 0 || standing === 'ended') return false
  if (standing === 'held') {
    // Money that was never there cannot be held again.
    const isHeldAlone = heldOf(taken) === refund.amount_fen
    return isHeldAlone && (await reverse(tx, promise, { causes: causesOf(refund), at: now }))
  }
  const order = await lockOrder(tx, orderId)
  if (!order) return false
  await lockHostAccounts(tx, order.host_id)
  const host = String(order.host_id)
  const heldShare = hostShare(heldOf(taken), feeRates(config))
  const hostDebt = toFen(Math.max(0, await accountSum(tx, 'HOST_RECEIVABLE', host)))
  await post(tx, {
    businessKey: `clawback_void:${refund.id}`,
    event: 'clawback',
    causes: causesOf(refund),
    entries: clawbackVoid(String(orderId), host, taken, { heldShare, hostDebt }),
    at: now,
  })
  return true
}
