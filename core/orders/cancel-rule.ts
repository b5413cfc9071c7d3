import { type Fen, lessFen, type PartsPerMillion, shareOf, toFen } from '../money.ts'
import { checkInAt, type OrderInTime } from './stay-times.ts'
import { type Canceller, mayStep } from './steps.ts'

/** From how many hours before check-in which share of the amount comes back. */
export interface CancelTier {
  readonly hours: number
  readonly percent: number
}

/** The rule an order was made under. It is stored with the order, so a later rule does not touch it. */
export interface CancelRule {
  readonly name: string
  /** From the most hours to the fewest; before the last of them nothing comes back. */
  readonly tiers: readonly CancelTier[]
}

/** 72 h or more 100 %, 24 h or more 50 %, less 0 % (product.md 3.4). */
export const STANDARD_RULE = {
  name: 'standard',
  tiers: [
    { hours: 72, percent: 100 },
    { hours: 24, percent: 50 },
  ],
} as const satisfies CancelRule

/** The rules a host chooses from, the kindest to guests first. */
export const CANCEL_POLICIES = ['flexible', 'standard', 'strict'] as const
export type CancelPolicy = (typeof CANCEL_POLICIES)[number]

const RULES: Readonly<Record<CancelPolicy, CancelRule>> = {
  flexible: { name: 'flexible', tiers: [{ hours: 24, percent: 100 }] },
  standard: STANDARD_RULE,
  strict: {
    name: 'strict',
    tiers: [
      { hours: 168, percent: 100 },
      { hours: 72, percent: 50 },
    ],
  },
}

/** The rule of a policy by its name; a name nobody knows is the standard one's. */
export const ruleOf = (policy: string): CancelRule =>
  RULES[CANCEL_POLICIES.find((name) => name === policy) ?? 'standard']

/** What a guest who cancels at `now` gets back, half-up to the fen; the exact boundary counts for the guest. */
export function refundForGuest(rule: CancelRule, amount: Fen, order: OrderInTime, now: Date): Fen {
  const leftMs = checkInAt(order).getTime() - now.getTime()
  const tier = rule.tiers.find(({ hours }) => leftMs >= hours * 3_600_000)
  return tier ? shareOf(amount, tier.percent * 10_000) : toFen(0)
}

/**
 * What a cancellation by `by` at `now` gives back: by the rule for the guest, everything when the host or the platform ends the
 * order (promises R8, R9), less what has gone back or was promised back before, and nothing for an order that is not paid or
 * may no longer be cancelled.
 */
export function refundIfCancelled(
  paid: { readonly order: OrderInTime; readonly rule: CancelRule; readonly amount: Fen; readonly returned: Fen },
  by: Canceller,
  now: Date,
): Fen {
  const { order, rule, amount, returned } = paid
  if (order.status !== 'PAID' || (by !== 'system' && !mayStep(order, 'cancel', by, now))) return toFen(0)
  const due = by === 'guest' ? refundForGuest(rule, amount, order, now) : amount
  return due > returned ? lessFen(due, returned) : toFen(0)
}

export interface RefundStep {
  /** The last instant at which this much still comes back. */
  readonly until: Date
  readonly refund: Fen
}

/** The dates and amounts of a rule for one order, from all to nothing, for the person who decides. */
export const refundSteps = (rule: CancelRule, amount: Fen, order: OrderInTime): RefundStep[] =>
  rule.tiers.map(({ hours, percent }) => ({
    until: new Date(checkInAt(order).getTime() - hours * 3_600_000),
    refund: shareOf(amount, percent * 10_000),
  }))

export interface HostShare {
  readonly gross: Fen
  readonly platformFee: Fen
  readonly gatewayFee: Fen
  readonly net: Fen
}

/** How what the host keeps is divided. The host bears the gateway's fee on that part (product.md 6, 15). */
export function hostShare(kept: Fen, rates: { gateway: PartsPerMillion; platform: PartsPerMillion }): HostShare {
  const platformFee = shareOf(kept, rates.platform)
  const gatewayFee = shareOf(kept, rates.gateway)
  return { gross: kept, platformFee, gatewayFee, net: lessFen(lessFen(kept, platformFee), gatewayFee) }
}
