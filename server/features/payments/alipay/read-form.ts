const MOST_FIELDS = 200

/**
 * Reads a form-encoded body to the letter: strict UTF-8, strict percent signs, no key twice, no pair without a name.
 * Gives the reason when it is not such a body. Lenient readers are how a signed message comes to mean two things.
 */
export function readForm(body: Uint8Array): ReadonlyMap<string, string> | string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    return 'not_utf8'
  }
  if (text === '') return 'empty'
  const pairs = text.split('&')
  if (pairs.length > MOST_FIELDS) return 'too_many_fields'
  const fields = new Map<string, string>()
  for (const pair of pairs) {
    const cut = pair.indexOf('=')
    const name = cut > 0 ? decode(pair.slice(0, cut)) : undefined
    const value = cut > 0 ? decode(pair.slice(cut + 1)) : undefined
    if (name === undefined || value === undefined) return 'bad_encoding'
    if (fields.has(name)) return 'duplicate_key'
    fields.set(name, value)
  }
  return fields
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
