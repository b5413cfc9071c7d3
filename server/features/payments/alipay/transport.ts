export const ANSWER_LIMIT = 1_048_576

/** What came over the wire, or why nothing usable did. `date` is the header of that name: the other side's clock. */
export type Transported = ({ readonly text: string } | { readonly failure: string; readonly text: string }) & {
  readonly date: string | undefined
}

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
    const date = response.headers.get('date') ?? undefined
    if (text === undefined) return { failure: 'too_large', text: '', date }
    return response.status === 200 ? { text, date } : { failure: `http_${response.status}`, text, date }
  } catch (error) {
    return { failure: failureName(error), text: '', date: undefined }
  }
}

/** The whole answer as strict UTF-8; undefined beyond {@link ANSWER_LIMIT}. */
export async function readLimited(response: Response): Promise<string | undefined> {
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

/** One word for why a call brought nothing. */
export function failureName(error: unknown): string {
  if (!(error instanceof Error)) return 'transport'
  if (error.name === 'TimeoutError') return 'timeout'
  const cause = error.cause
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code.toLowerCase()
  return error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
    ? 'not_utf8'
    : 'transport'
}
