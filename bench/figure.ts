/** One line of the table: what we reach, what a bare implementation of the same reaches in the same run, and the aim. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly ours: number
  readonly limit?: { readonly name: string; readonly value: number }
  readonly aim: string
  /** Whether the aim is reached; undefined where there is none to judge. */
  readonly reached?: boolean
  readonly note?: string
}

/** A figure whose aim is a share of the limit that was measured beside it. */
export function shareOfLimit(
  name: string,
  unit: string,
  ours: number,
  limit: { readonly name: string; readonly value: number },
  leastShare: number,
): Figure {
  return { name, unit, ours, limit, aim: `≥ ${leastShare.toFixed(2)}`, reached: ours / limit.value >= leastShare }
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
