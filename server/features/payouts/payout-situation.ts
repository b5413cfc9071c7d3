import { type FrozenReason, frozenReason } from '@ihome/core/payouts/payout-plan'
import type { Tx } from '../../platform/db.ts'
import { isVerified } from '../accounts/verified.ts'
import { hasOpenRefundOfOrder } from '../payments/open-refunds.ts'
import { payeeOf } from './payee-accounts.ts'
import type { Payee } from './payee-store.ts'
import { findPayout, type Payout } from './payout-store.ts'

export type Situation =
  | { readonly frozen: FrozenReason; readonly payee?: undefined }
  | { readonly frozen: undefined; readonly payee: Payee }

/**
 * Whether this payout may leave now, and to which account (promises T1, T4). The order is locked, so that no refund
 * begins meanwhile. `anew` asks for another account than the one that failed.
 */
export async function situationOf(
  tx: Tx,
  payout: Payout,
  now: Date,
  { anew = false }: { readonly anew?: boolean } = {},
): Promise<Situation> {
  const payee = await payeeOf(tx, payout.host_id, now)
  const failed = anew ? await failedPayee(tx, payout) : undefined
  const hasPayee = payee !== undefined && (failed === undefined || payee.id > failed)
  const frozen = frozenReason({
    isHeld: payout.held_at !== null,
    hasOpenRefund: await hasOpenRefundOfOrder(tx, payout.order_id),
    isHostVerified: await isVerified(tx, payout.host_id),
    hasPayee,
  })
  return frozen || !payee ? { frozen: frozen ?? 'payee_change' } : { frozen: undefined, payee }
}

/** The account to which this money could not go: its own, or that of the payout that came back. */
async function failedPayee(tx: Tx, payout: Payout): Promise<number | undefined> {
  if (payout.state === 'MANUAL') return payout.payee_id ?? undefined
  const before = payout.replaces_id === null ? undefined : await findPayout(tx, payout.replaces_id)
  return before?.payee_id ?? undefined
}
