/**
 * What a person wrote, without the space around it. Undefined when nothing is left, when it has more than `longest`
 * characters as the database counts them (an emoji may be several), or when it holds a NUL, which no column takes.
 */
export function writtenText(text: string, longest: number): string | undefined {
  const written = text.trim()
  if (written === '' || written.includes('\0') || [...written].length > longest) return undefined
  return written
}
