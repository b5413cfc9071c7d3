/** The cookies of a request; of two with one name the first counts, as browsers send the more specific one first. */
export function parseCookies(header: string | undefined): Record<string, string> {
  const cookies: Record<string, string> = Object.create(null)
  for (const pair of (header ?? '').split(';')) {
    const equals = pair.indexOf('=')
    const name = pair.slice(0, Math.max(0, equals)).trim()
    if (name !== '') cookies[name] ??= pair.slice(equals + 1).trim()
  }
  return cookies
}
