const decoder = new TextDecoder('gbk')
let table: ReadonlyMap<string, readonly [number, number]> | undefined

/** The two bytes of every character that GBK has beyond ASCII, found by decoding all pairs. */
function gbkTable(): ReadonlyMap<string, readonly [number, number]> {
  if (table) return table
  const made = new Map<string, readonly [number, number]>()
  for (let lead = 0x81; lead <= 0xfe; lead += 1) {
    for (let trail = 0x40; trail <= 0xfe; trail += 1) {
      const character = decoder.decode(new Uint8Array([lead, trail]))
      if (character.length === 1 && character !== '\ufffd') made.set(character, [lead, trail])
    }
  }
  table = made
  return made
}

/** A text as GBK, for tests that write bills; throws for a character that GBK lacks. */
export function gbk(text: string): Uint8Array {
  const characters = gbkTable()
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (code < 0x80) {
      bytes.push(code)
      continue
    }
    const pair = characters.get(character)
    if (!pair) throw new RangeError(`GBK has no ${character}`)
    bytes.push(...pair)
  }
  return Uint8Array.from(bytes)
}
