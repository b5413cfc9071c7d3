/** One row of the bill of trades: what the gateway says it took or gave back for one number on one day. */
export interface TradeLine {
  /** Its place in the file, from 1. */
  readonly no: number
  /** `other` is a word that we have never met: it is shown, and never guessed at. */
  readonly type: 'payment' | 'refund' | 'other'
  readonly tradeNo: string
  readonly outTradeNo: string
  /** Number of the refund; null for a payment. */
  readonly requestNo: string | null
  /** Fen, without a sign: the type tells the direction. */
  readonly amountFen: number
  /** Fen, without a sign: kept from a payment, given back with a refund. */
  readonly feeFen: number
  readonly at: Date
}

/** One row of the bill of the account: one movement, and the balance after it. */
export interface AccountLine {
  readonly no: number
  /** The gateway's number of this movement. */
  readonly serial: string
  readonly type: 'payment' | 'refund' | 'fee' | 'fee_back' | 'transfer' | 'other'
  /** The gateway's number of what moved the money: a trade, a transfer. */
  readonly about: string
  /** Our number for it; empty when it has none. */
  readonly outTradeNo: string
  /** Fen, positive for money that came. */
  readonly amountFen: number
  readonly balanceFen: number
  readonly at: Date
  /** The gateway's own word for the kind. */
  readonly words: string
}

/** What our books know of a number that was, or may have been, paid. */
export interface BookedAttempt {
  readonly attemptId: number
  readonly orderId: number
  readonly outTradeNo: string
  readonly tradeNo: string | null
  /** What was asked for. */
  readonly amountFen: number
  /** What verified facts say came; 0 when none did. */
  readonly receivedFen: number
  readonly expectedFeeFen: number | null
  /** False after the gateway has finished the trade. */
  readonly refundable: boolean
  /** True when what the guest paid has been credited to the host. */
  readonly hostCredited: boolean
}

export interface BookedRefund {
  readonly refundId: number
  readonly attemptId: number | null
  readonly orderId: number | null
  readonly outTradeNo: string
  readonly requestNo: string | null
  readonly amountFen: number
  /** What went back according to the gateway, else 0. */
  readonly doneFen: number
  readonly external: boolean
}

export interface BookedPayout {
  readonly payoutId: number
  readonly outBizNo: string
  readonly amountFen: number
  readonly state: 'sent' | 'succeeded' | 'returned' | 'other'
}

/** Our books, as far as one day's bill can concern them. */
export interface Books {
  /** Attempts that a line names, and those whose money came on the day. */
  readonly attempts: readonly BookedAttempt[]
  /** Attempts whose money came on the day and that no earlier bill has shown. */
  readonly expectedAttempts: ReadonlySet<number>
  /** Refunds of every number that a line names, those that ended on the day, and those that still wait. */
  readonly refunds: readonly BookedRefund[]
  readonly expectedRefunds: ReadonlySet<number>
  /** Money that was booked although no attempt has its number: fen by that number. */
  readonly unmatched: ReadonlyMap<string, number>
  readonly payouts: readonly BookedPayout[]
  readonly expectedPayouts: ReadonlySet<number>
  /** What the numbers of this environment begin with. */
  readonly ownPrefix: string
}

/** Everything by which a bill and our books can differ. docs/reconciliation.md says what is done about each. */
export const DIFFERENCE_KINDS = [
  'payment_not_booked',
  'payment_amount_differs',
  'payment_unmatched',
  'payment_foreign',
  'payment_missing',
  'trade_no_differs',
  'line_twice',
  'line_unknown',
  'refund_external',
  'refund_forced',
  'refund_not_booked',
  'refund_amount_differs',
  'refund_missing',
  'refund_unmatched',
  'refund_blocked',
  'fee_differs',
  'fee_returned',
  'fee_contradicted',
  'files_disagree',
  'payout_not_booked',
  'payout_returned',
  'payout_missing',
  'account_movement',
  'balance_gap',
  'balance_differs',
] as const
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number]

export interface Difference {
  readonly kind: DifferenceKind
  /** What it is about, so that one kind and subject is one difference however often the day is compared. */
  readonly subject: string
  /** The line that shows it; null when our side alone has it. */
  readonly lineNo: number | null
  readonly outTradeNo: string | null
  readonly requestNo: string | null
  readonly orderId: number | null
  readonly oursFen: number | null
  readonly theirsFen: number | null
}

/** How a line of the bill of trades stands to our books. */
export type LineResult = 'matched' | 'differs' | 'only_theirs' | 'foreign'

export interface JudgedLine {
  readonly result: LineResult
  readonly attemptId: number | null
  readonly refundId: number | null
  readonly orderId: number | null
}

/** A fee that the bill names and that is posted once. */
export interface BilledFee {
  /** 0 for one that only the bill of the account shows. */
  readonly lineNo: number
  /** `fee` was kept, `fee_back` was returned with a refund. */
  readonly kind: 'fee' | 'fee_back'
  readonly feeFen: number
  readonly tradeNo: string
  readonly outTradeNo: string
  readonly requestNo: string | null
  readonly attemptId: number | null
}

export interface Comparison {
  /** By the line's place in the file. */
  readonly lines: ReadonlyMap<number, JudgedLine>
  readonly differences: readonly Difference[]
  readonly fees: readonly BilledFee[]
}

/**
 * `itself`: mended, or only noted, without a person. `person`: somebody has to decide. Either way the gateway is asked
 * first, because a bill carries no signature.
 */
export const ENDS_BY: Readonly<Record<DifferenceKind, 'itself' | 'person'>> = {
  payment_not_booked: 'itself',
  payment_amount_differs: 'person',
  payment_unmatched: 'itself',
  payment_foreign: 'itself',
  payment_missing: 'person',
  trade_no_differs: 'person',
  line_twice: 'person',
  line_unknown: 'person',
  refund_external: 'itself',
  refund_forced: 'itself',
  refund_not_booked: 'itself',
  refund_amount_differs: 'person',
  refund_missing: 'person',
  refund_unmatched: 'person',
  refund_blocked: 'person',
  fee_differs: 'itself',
  fee_returned: 'itself',
  fee_contradicted: 'person',
  files_disagree: 'person',
  payout_not_booked: 'itself',
  payout_returned: 'itself',
  payout_missing: 'person',
  account_movement: 'person',
  balance_gap: 'person',
  balance_differs: 'person',
}
