const TONES = ['trust', 'brand', 'warn', 'plain'] as const

/** The first character of a name, or of the end of a phone number, which tells people apart better than its start. */
export const avatarLetter = (name: string): string => {
  const text = name.trim()
  return (/^\d+$/.test(text) ? text.slice(-1) : [...text][0]?.toUpperCase()) ?? '·'
}

/** The same colour for the same name, everywhere and always. */
export function avatarTone(name: string): (typeof TONES)[number] {
  let sum = 0
  for (const character of name) sum += character.codePointAt(0) ?? 0
  return TONES[sum % TONES.length] ?? 'plain'
}
