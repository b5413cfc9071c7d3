import * as postings from '@ihome/core/ledger/postings'
import { hostShare, refundIfCancelled, STANDARD_RULE } from '@ihome/core/orders/cancel-rule'
import { acceptBy, payBy } from '@ihome/core/orders/deadlines'
import { nextStatus } from '@ihome/core/orders/lifecycle'
import { mayStep } from '@ihome/core/orders/steps'
import * as decide from '@ihome/core/payments/decide'
import { planPayout } from '@ihome/core/payouts/payout-plan'

/**
 * The rules of core that the model of the shop follows: the very functions that the server calls. A test hands in a
 * copy with one of them damaged, to see that the laws notice.
 */
export const CORE_RULES = {
  postings,
  hostShare,
  refundIfCancelled,
  cancelRule: STANDARD_RULE,
  acceptBy,
  payBy,
  nextStatus,
  mayStep,
  planPayout,
  ...decide,
  /** Promises R1: what is promised back counts from its creation. */
  mayPromise: (receivedFen: number, promisedFen: number, amountFen: number): boolean =>
    promisedFen + amountFen <= receivedFen,
}

export type Rules = typeof CORE_RULES

/** As the server has them by default; that the database ends the same shows that they agree. */
export const LIMITS = {
  windows: { acceptHours: 24, payMinutes: 120 },
  graceMs: 120_000,
  gapMs: 60_000,
  openOrders: 3,
  completeAfterMs: 15 * 86_400_000,
  feeRates: { gateway: 6_000, platform: 0 },
  /** How often one attempt is asked about at most. */
  queryGapMs: 3_000,
  leaseMs: 60_000,
  leastTimeToPayMs: 60_000,
  confirmAmountMs: 10_000,
  frozenLookMs: 6 * 3_600_000,
  payeeChangeMs: 72 * 3_600_000,
  fundsRetryMs: 300_000,
  resumeAfterMs: 60_000,
  overdueMs: 600_000,
  horizonDays: 365,
} as const
