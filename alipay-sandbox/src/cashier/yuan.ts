/** `411200` as `￥4112.00`: two decimals and no grouping, as the amount stands in the merchant's request. */
export function formatYuan(fen: number): string {
  const digits = String(Math.abs(fen)).padStart(3, '0')
  return `${fen < 0 ? '-' : ''}￥${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** What a person types as an amount, in fen; nothing when it is no positive amount of at most 100,000,000 yuan. */
export function parseYuan(text: string): number | undefined {
  const match = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(text.trim())
  if (!match) return undefined
  const fen = Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'))
  return fen >= 1 && fen <= 10_000_000_000 ? fen : undefined
}
