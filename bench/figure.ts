/** What both sides reached in one turn. */
export interface Turn {
  readonly ours: number
  readonly limit: number
}

export interface Limit {
  readonly name: string
  readonly value: number
  /** Of ours to it. */
  readonly share: number
}

/** One line of the table: what we reach, what a bare implementation of the same reaches in the same run, and the aim. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly ours: number
  readonly limit?: Limit
  readonly aim: string
  /** Whether the aim is reached; undefined where there is none to judge. */
  readonly reached?: boolean
  readonly note?: string
}

/**
 * A figure whose aim is a share of a limit. Both were measured in short turns, and the share is the median of the
 * turns' shares: a moment in which the machine was slow meets both sides of one turn and no other.
 */
export function shareOfLimit(
  name: string,
  unit: string,
  turns: readonly Turn[],
  limit: string,
  leastShare: number,
): Figure {
  const share = median(turns.map((turn) => turn.ours / turn.limit))
  return {
    name,
    unit,
    ours: median(turns.map((turn) => turn.ours)),
    limit: { name: limit, value: median(turns.map((turn) => turn.limit)), share },
    aim: `≥ ${leastShare.toFixed(2)}`,
    reached: share >= leastShare,
  }
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
