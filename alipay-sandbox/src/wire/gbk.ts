let table: Uint16Array | undefined

/** Inverts the platform's decoder over the double-byte area; about 24,000 characters, built on first use. */
function gbkTable(): Uint16Array {
  if (table) return table
  const decoder = new TextDecoder('gbk')
  const built = new Uint16Array(0x10000)
  for (let lead = 0x81; lead <= 0xfe; lead += 1) {
    for (let trail = 0x40; trail <= 0xfe; trail += 1) {
      if (trail === 0x7f) continue
      const text = decoder.decode(Uint8Array.of(lead, trail))
      const unit = text.charCodeAt(0)
      if (text.length === 1 && text !== '\uFFFD' && built[unit] === 0) built[unit] = (lead << 8) | trail
    }
  }
  table = built
  return built
}

/** GBK bytes; a character that GBK does not have becomes `?`. */
export function encodeGbk(text: string): Buffer {
  const known = gbkTable()
  const bytes = Buffer.allocUnsafe(text.length * 2)
  let size = 0
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    const pair = known[unit] ?? 0
    if (unit < 0x80) bytes[size++] = unit
    else if (pair > 0) {
      bytes[size++] = pair >> 8
      bytes[size++] = pair & 0xff
    } else {
      bytes[size++] = 0x3f
      // Both halves of a surrogate pair are one character.
      if (isHigh(unit) && isLow(text.charCodeAt(index + 1))) index += 1
    }
  }
  return bytes.subarray(0, size)
}

const isHigh = (unit: number) => unit >= 0xd800 && unit <= 0xdbff
const isLow = (unit: number) => unit >= 0xdc00 && unit <= 0xdfff
