export type FeeRounding = 'half-up' | 'half-even' | 'floor' | 'ceil'

/** What a seller pays for being paid. `rate` is a fraction such as 0.006 and is exact to a millionth. */
export interface FeePolicy {
  readonly rate: number
  readonly rounding: FeeRounding
  readonly minFen: number
}

const MILLION = 1_000_000n

/** The fee on one payment, never more than the payment itself. */
export function feeOn(amountFen: number, policy: FeePolicy): number {
  const exact = BigInt(amountFen) * BigInt(Math.round(policy.rate * 1_000_000))
  const fee = Math.max(Number(roundMillionths(exact, policy.rounding)), policy.minFen)
  return Math.min(fee, amountFen)
}

function roundMillionths(exact: bigint, rounding: FeeRounding): bigint {
  const whole = exact / MILLION
  const twiceRest = (exact % MILLION) * 2n
  if (twiceRest === 0n || rounding === 'floor') return whole
  if (rounding === 'ceil') return whole + 1n
  if (twiceRest === MILLION && rounding === 'half-even') return whole + (whole % 2n)
  return twiceRest >= MILLION ? whole + 1n : whole
}

/**
 * The part of the fee that goes back to the seller with one more refund, when fees are returned in proportion.
 * It is a step between running shares, so the parts of a full refund add up to the fee exactly.
 */
export function feeBackOn(
  refundFen: number,
  trade: { amountFen: number; feeFen: number; refundedFen: number },
): number {
  const share = (fen: number) => Number((BigInt(trade.feeFen) * BigInt(fen)) / BigInt(trade.amountFen))
  return share(trade.refundedFen + refundFen) - share(trade.refundedFen)
}
