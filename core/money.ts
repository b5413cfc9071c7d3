declare const fen: unique symbol

/** An amount of yuan counted in fen: whole, safe to add, never negative. */
export type Fen = number & { readonly [fen]: true }

/** The only door into {@link Fen}. A bad amount is a defect, so it throws a RangeError instead of rounding. */
export function toFen(count: number): Fen {
  if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(`not a count of fen: ${count}`)
  return count as Fen
}

export const addFen = (...amounts: readonly Fen[]): Fen => toFen(amounts.reduce((sum, amount) => sum + amount, 0))

/** `whole` less `part`; a part larger than the whole is a defect. */
export const lessFen = (whole: Fen, part: Fen): Fen => toFen(whole - part)

export const timesFen = (amount: Fen, count: number): Fen => toFen(amount * count)

/** Yuan as Alipay writes them: exactly two decimals, `2544.00`. Made from integers, so no float can slip in. */
export function yuanText(amount: Fen): string {
  const cents = String(amount % 100).padStart(2, '0')
  return `${Math.floor(amount / 100)}.${cents}`
}

const YUAN = /^(0|[1-9]\d{0,8})\.(\d{2})$/

/** Reads `2544.00` and nothing else: no sign, space, exponent, third decimal or full-width digit. Else undefined. */
export function fenFromYuanText(text: string): Fen | undefined {
  const match = YUAN.exec(text)
  return match ? toFen(Number(match[1]) * 100 + Number(match[2])) : undefined
}

const TYPED_YUAN = /^(\d{1,7})(?:\.(\d{1,2}))?$/

/** Reads yuan as a person types them (`19.9`, `19.99`, `20`) without floats. Else undefined. */
export function fenFromTypedYuan(text: string): Fen | undefined {
  const match = TYPED_YUAN.exec(text.trim())
  return match ? toFen(Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'))) : undefined
}

/** A share of an amount as a whole number of parts per million: 0.6 % is 6000. */
export type PartsPerMillion = number

/** `rate` of `amount`, rounded half-up to the fen, as Alipay's fee is by default: 6000 ppm of 411200 is 2467. */
export function shareOf(amount: Fen, rate: PartsPerMillion): Fen {
  if (!Number.isSafeInteger(rate) || rate < 0 || rate > 1_000_000) throw new RangeError(`not a share: ${rate}`)
  return toFen(Number((BigInt(amount) * BigInt(rate) * 2n + 1_000_000n) / 2_000_000n))
}

/** Splits `total` in proportion to `weights`. The parts are steps between running shares, so they always add up. */
export function splitFen(total: Fen, weights: readonly number[]): Fen[] {
  const whole = BigInt(weights.reduce((sum, weight) => sum + weight, 0))
  let weighed = 0n
  let reached = 0n
  return weights.map((weight) => {
    weighed += BigInt(weight)
    const share = (BigInt(total) * weighed) / whole // BigInt: this product outgrows a double long before its parts do.
    const part = toFen(Number(share - reached))
    reached = share
    return part
  })
}
