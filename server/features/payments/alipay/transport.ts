export const ANSWER_LIMIT = 1_048_576

/** What came over the wire, or why nothing usable did. */
export type Transported = { readonly text: string } | { readonly failure: string; readonly text: string }

/**
 * Posts one form and reads the answer whole, within `timeoutMs` and {@link ANSWER_LIMIT}. Follows no redirect and
 * never tries again: whoever asked knows what a repeat would mean.
 */
export async function postForm(url: string, form: string, timeoutMs: number): Promise<Transported> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8', accept: 'application/json' },
      body: form,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const text = await readLimited(response)
    if (text === undefined) return { failure: 'too_large', text: '' }
    return response.status === 200 ? { text } : { failure: `http_${response.status}`, text }
  } catch (error) {
    return { failure: nameOf(error), text: '' }
  }
}

async function readLimited(response: Response): Promise<string | undefined> {
  if (!response.body) return ''
  const parts: Uint8Array[] = []
  let size = 0
  const reader = response.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.byteLength
    if (size > ANSWER_LIMIT) {
      await reader.cancel()
      return undefined
    }
    parts.push(value)
  }
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(parts))
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'transport'
  if (error.name === 'TimeoutError') return 'timeout'
  const cause = error.cause
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code.toLowerCase()
  return error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
    ? 'not_utf8'
    : 'transport'
}
