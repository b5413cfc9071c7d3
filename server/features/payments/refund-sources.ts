import type { RefundSources } from '@ihome/core/ledger/postings'
import { toFen } from '@ihome/core/money'
import type { Tx } from '../../platform/db.ts'
import { earnedOf } from '../ledger/earned.ts'
import { accountSum, heldFen } from '../ledger/post.ts'
import { lockHostAccounts, promisedFen } from '../payouts/promised.ts'
import { openPromisesFen } from './refund-store.ts'

/**
 * From where money of this order can be taken now. The order and its attempt are locked; from here on its host's
 * accounts are as well. What is promised to the host in a payout nobody else may take.
 */
export async function refundSources(
  tx: Tx,
  order: { readonly id: number; readonly host_id: number },
): Promise<RefundSources> {
  await lockHostAccounts(tx, order.host_id)
  const coming = 0 - (await accountSum(tx, 'HOST_PAYABLE', String(order.host_id)))
  return {
    guestEscrow: toFen(Math.max(0, await heldFen(tx, order.id))),
    earned: await earnedOf(tx, order.id),
    hostPayable: toFen(Math.max(0, coming - (await promisedFen(tx, order.host_id)))),
  }
}

/** What is owed back for the order beyond the refunds that are on their way. */
export async function unpromisedFen(tx: Tx, orderId: number): Promise<number> {
  const owed = 0 - (await accountSum(tx, 'REFUND_PAYABLE', String(orderId)))
  return Math.max(0, owed - (await openPromisesFen(tx, { orderId })))
}
