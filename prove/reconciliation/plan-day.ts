import type { DifferenceKind } from '@ihome/core/bills/bill'

/** What is done to one trade of the day, and the difference that must be told of it; `none` is left as it was. */
export type Fate = 'none' | Spoilt
export type Spoilt = Exclude<
  DifferenceKind,
  // Two numbers more, or a payee, would be wanted for these; tests of core and server show them.
  'balance_gap' | 'balance_differs' | 'refund_forced' | 'payout_not_booked' | 'payout_returned' | 'payout_missing'
>

/** How each kind must have ended when the program has done what it can. */
export const ENDS: Readonly<Record<Spoilt, 'fixed' | 'open'>> = {
  payment_not_booked: 'fixed',
  payment_amount_differs: 'open',
  payment_unmatched: 'fixed',
  payment_foreign: 'fixed',
  payment_missing: 'open',
  trade_no_differs: 'open',
  line_twice: 'open',
  line_unknown: 'open',
  refund_external: 'fixed',
  refund_not_booked: 'fixed',
  refund_amount_differs: 'open',
  refund_missing: 'open',
  refund_unmatched: 'open',
  refund_blocked: 'open',
  fee_differs: 'fixed',
  fee_returned: 'fixed',
  fee_contradicted: 'open',
  files_disagree: 'open',
  account_movement: 'open',
}

const KINDS = Object.keys(ENDS) as Spoilt[]
/** Those of which our side has a refund already. */
const OF_REFUNDS: readonly Fate[] = [
  'refund_not_booked',
  'refund_amount_differs',
  'refund_missing',
  'refund_blocked',
  'fee_returned',
]

/** One trade of the day as both sides know it before anything is spoilt. */
export interface PlannedTrade {
  readonly no: number
  readonly fate: Fate
  readonly outTradeNo: string
  readonly tradeNo: string
  readonly amountFen: number
  readonly feeFen: number
  /** Part of it went back on the same day, under this number. */
  readonly refund: { readonly requestNo: string; readonly amountFen: number } | undefined
}

const EVERY_TENTH = 10

/** A day of trades of which as many as asked for are spoilt, spread over the day and over the kinds. */
export function planDay(trades: number, spoilt: number, prefix: string): PlannedTrade[] {
  const step = Math.floor(trades / spoilt)
  const fates = fatesOf(spoilt)
  return Array.from({ length: trades }, (_, no) => {
    const fate: Fate = (no % step === 1 ? fates[(no - 1) / step] : undefined) ?? 'none'
    const amountFen = 10_000 + (no % 997) * 10
    const hasRefund = OF_REFUNDS.includes(fate) || (fate === 'none' && no % EVERY_TENTH === 0)
    const number = String(no).padStart(12, '0')
    return {
      no,
      fate,
      outTradeNo: fate === 'payment_foreign' ? `ihzzzz_20261123_${number}` : `${prefix}20261123_${number}`,
      tradeNo: `2026112322001${number}000`,
      amountFen,
      feeFen: Math.floor((amountFen * 6 + 500) / 1_000),
      refund: hasRefund ? { requestNo: `${prefix}r20261123_${number}`, amountFen: 700 } : undefined,
    }
  })
}

/** As many as asked for, evenly over the kinds; what two files say differently comes in pairs that cancel out. */
function fatesOf(count: number): Spoilt[] {
  const fates = Array.from({ length: count }, (_, at) => KINDS[at % KINDS.length] ?? 'line_twice')
  const disagreeing = fates.filter((fate) => fate === 'files_disagree').length
  if (disagreeing % 2 === 1) fates[fates.lastIndexOf('files_disagree')] = 'line_twice'
  return fates
}
