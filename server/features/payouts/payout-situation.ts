import { type FrozenReason, frozenReason } from '@ihome/core/payouts/payout-plan'
import type { Tx } from '../../platform/db.ts'
import { isVerified } from '../accounts/verified.ts'
import { hasOpenRefundOfOrder } from '../payments/open-refunds.ts'
import { newestPayee } from './payee-accounts.ts'
import type { Payee } from './payee-store.ts'
import { findPayout, type Payout } from './payout-store.ts'

export type Situation =
  | {
      readonly frozen: FrozenReason
      /** When to look again, by the clock. What people do before wakes it. */
      readonly lookAt: Date
      readonly payee?: undefined
    }
  | { readonly frozen: undefined; readonly payee: Payee }

const DAY_MS = 24 * 3_600_000
/** Refunds end in minutes; a host may stay without an account for years. */
const REFUND_LOOK_MS = 5 * 60_000

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
  const newest = await newestPayee(tx, payout.host_id)
  const payee = newest && newest.usable_from <= now ? newest : undefined
  const failed = anew ? await failedPayee(tx, payout) : undefined
  const hasPayee = payee !== undefined && (failed === undefined || payee.id > failed)
  const frozen = frozenReason({
    isHeld: payout.held_at !== null,
    hasOpenRefund: await hasOpenRefundOfOrder(tx, payout.order_id),
    isHostVerified: await isVerified(tx, payout.host_id),
    hasPayee,
  })
  if (!frozen && payee) return { frozen: undefined, payee }
  const reason = frozen ?? 'payee_change'
  const opensAt = reason === 'payee_change' && newest && newest.usable_from > now ? newest.usable_from : undefined
  const pause = reason === 'refund' ? REFUND_LOOK_MS : DAY_MS
  return { frozen: reason, lookAt: opensAt ?? new Date(now.getTime() + pause) }
}

/** The account to which this money could not go: its own, or that of the payout that came back. */
async function failedPayee(tx: Tx, payout: Payout): Promise<number | undefined> {
  if (payout.state === 'MANUAL') return payout.payee_id ?? undefined
  const before = payout.replaces_id === null ? undefined : await findPayout(tx, payout.replaces_id)
  return before?.payee_id ?? undefined
}
