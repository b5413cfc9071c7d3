/** The parts of an `Authorization: ALIPAY-SHA256withRSA …` header. */
export interface Authorization {
  /** Everything before the signature, which is what the signature covers. */
  readonly text: string
  readonly sign: string
  readonly fields: Readonly<Record<string, string>>
}

const SCHEME = 'ALIPAY-SHA256withRSA '

/** Nothing for another scheme. What an SDK adds between the known parts is covered by the signature like them. */
export function parseAuthorization(header: string | undefined): Authorization | undefined {
  if (!header?.startsWith(SCHEME)) return undefined
  const rest = header.slice(SCHEME.length)
  const at = rest.lastIndexOf(',sign=')
  const text = at < 0 ? rest : rest.slice(0, at)
  const fields: Record<string, string> = Object.create(null)
  for (const part of text.split(',')) {
    const equals = part.indexOf('=')
    if (equals > 0) fields[part.slice(0, equals).trim()] = part.slice(equals + 1)
  }
  return { text, sign: at < 0 ? '' : rest.slice(at + ',sign='.length), fields }
}
