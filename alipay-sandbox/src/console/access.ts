import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { parseCookies } from '../wire/cookies.ts'
import type { ControlRequest } from '../wire/http-server.ts'

const COOKIE = 'sandbox_console'

/** Who may look, and which forms are ours. */
export interface ConsoleAccess {
  /** Whether the visitor needs no token or has shown it before. */
  isIn(headers: ControlRequest['headers']): boolean
  /** The cookie for a visitor who brought the right token. */
  enter(token: string): string | undefined
  /** Stands in every form. No other site can read it, and it is new at every start. */
  readonly csrf: string
  isOwnForm(request: ControlRequest, form: URLSearchParams): boolean
}

/**
 * A browser cannot send a bearer token by itself, so showing it once gives a cookie that no other site can use and that
 * no script can read. The cookie is not the token but derived from it.
 */
export function consoleAccess(token: string | undefined): ConsoleAccess {
  const csrf = randomBytes(24).toString('base64url')
  const pass = token === undefined ? '' : createHmac('sha256', token).update('console').digest('base64url')
  return {
    csrf,
    isIn: (headers) => token === undefined || same(parseCookies(headers.cookie)[COOKIE] ?? '', pass),
    enter: (given) =>
      token !== undefined && same(given, token)
        ? `${COOKIE}=${pass}; Path=/_sandbox; HttpOnly; SameSite=Strict`
        : undefined,
    isOwnForm: (request, form) => !comesFromElsewhere(request) && same(form.get('csrf') ?? '', csrf),
  }
}

function same(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHmac('sha256', 'compare').update(text).digest())
  return left !== undefined && right !== undefined && timingSafeEqual(left, right)
}

// The form's token decides; these headers, which no page can forge, refuse a hostile site even if it should know one.
function comesFromElsewhere({ headers }: ControlRequest): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return true
  const { origin, host } = headers
  return origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host)
}
