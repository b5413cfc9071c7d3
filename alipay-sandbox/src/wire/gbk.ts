let table: ReadonlyMap<string, number> | undefined

/** Inverts the platform's decoder over the double-byte area; about 24,000 characters, built on first use. */
function gbkTable(): ReadonlyMap<string, number> {
  if (table) return table
  const decoder = new TextDecoder('gbk')
  const built = new Map<string, number>()
  for (let lead = 0x81; lead <= 0xfe; lead += 1) {
    for (let trail = 0x40; trail <= 0xfe; trail += 1) {
      if (trail === 0x7f) continue
      const text = decoder.decode(Uint8Array.of(lead, trail))
      if (text.length === 1 && text !== '\uFFFD' && !built.has(text)) built.set(text, (lead << 8) | trail)
    }
  }
  table = built
  return built
}

/** GBK bytes; a character that GBK does not have becomes `?`. */
export function encodeGbk(text: string): Buffer {
  const known = gbkTable()
  const bytes: number[] = []
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    const pair = known.get(char)
    if (code < 0x80) bytes.push(code)
    else if (pair !== undefined) bytes.push(pair >> 8, pair & 0xff)
    else bytes.push(0x3f)
  }
  return Buffer.from(bytes)
}
