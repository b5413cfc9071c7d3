import type { ApiAnswer, ApiRequest, Transport } from '@ihome/contract/client'

const PREFIX = '/api/v1.0'
/** After this long without an answer the result counts as unknown. */
const TIMEOUT_MS = 15_000

const csrfToken = (): string => /(?:^|; )csrf_token=([^;]*)/.exec(document.cookie)?.[1] ?? ''
/** An operator's session has a token of its own; before it there is a visitor's. */
const operatorToken = (): string => /(?:^|; )(?:__Host-)?operator_csrf=([^;]*)/.exec(document.cookie)?.[1] ?? ''
const tokenFor = (path: string): string =>
  path.startsWith('/operator/') && path !== '/operator/sessions' ? operatorToken() : csrfToken()

async function send(request: ApiRequest): Promise<ApiAnswer> {
  if (request.parts) return (await import('./send-parts.ts')).sendParts(request, request.parts, csrfToken())
  const headers: Record<string, string> = { accept: 'application/json' }
  if (request.method !== 'GET') headers['x-csrftoken'] = tokenFor(request.path)
  if (request.idempotencyKey) headers['idempotency-key'] = request.idempotencyKey
  if (request.json !== undefined) headers['content-type'] = 'application/json'
  if (request.form !== undefined) headers['content-type'] = 'application/x-www-form-urlencoded'
  const body = request.form ?? (request.json === undefined ? null : JSON.stringify(request.json))

  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(), TIMEOUT_MS)
  const leave = () => patience.abort()
  request.signal?.addEventListener('abort', leave)
  try {
    const answer = await fetch(PREFIX + request.path, {
      method: request.method,
      headers,
      body,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: patience.signal,
    })
    const retryAfter = Number(answer.headers.get('retry-after') ?? Number.NaN)
    return {
      status: answer.status,
      body: await answer.json(),
      ...(Number.isFinite(retryAfter) ? { retryAfterSeconds: retryAfter } : {}),
    }
  } finally {
    clearTimeout(timer)
    request.signal?.removeEventListener('abort', leave)
  }
}

const isCsrfRefusal = ({ body }: ApiAnswer): boolean =>
  typeof body === 'object' && body !== null && 'problem' in body && body.problem === 'csrf_invalid'

/** Over the network to our own origin. A stale CSRF token is renewed and the request repeated once, unseen. */
export const browserTransport: Transport = async (request) => {
  if (request.method !== 'GET' && csrfToken() === '') await send({ method: 'GET', path: '/csrf' })
  const answer = await send(request)
  if (request.method === 'GET' || !isCsrfRefusal(answer)) return answer
  await send({ method: 'GET', path: '/csrf' })
  return send(request)
}
