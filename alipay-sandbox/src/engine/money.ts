/** Amounts are integer fen inside and yuan strings with two decimals on the wire; nothing here ever is a float sum. */

/** `411200` → `4112.00`. */
export function formatYuan(fen: number): string {
  if (!Number.isSafeInteger(fen)) throw new RangeError(`not a count of fen: ${fen}`)
  const sign = fen < 0 ? '-' : ''
  const digits = String(Math.abs(fen)).padStart(3, '0')
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

const YUAN = /^(\d{1,9})(?:\.(\d{1,2}))?$/

/**
 * Reads an amount that a merchant sent as a string or as a JSON number: `1`, `1.0` and `"1.00"` are the same 100 fen.
 * Nothing for anything else: a sign, three decimals, an exponent, blanks.
 */
export function parseYuan(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string') return undefined
  const match = YUAN.exec(text)
  if (!match) return undefined
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'))
}
