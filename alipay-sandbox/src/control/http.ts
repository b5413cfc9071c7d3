import { createHash, timingSafeEqual } from 'node:crypto'
import { AlreadyThere } from '../engine/accounts.ts'
import { BadFault } from '../engine/faults.ts'
import { ActRefused } from '../engine/forced-acts.ts'
import { ClockInThePast } from '../engine/scheduler.ts'
import { BadExport } from '../keeping/export-file.ts'
import { ImportRefused } from '../keeping/import-refused.ts'
import { PaymentRefused } from '../payments.ts'
import { BadSetting } from '../settings.ts'
import type { HttpAnswer } from '../wire/gateway.ts'
import type { ControlRequest, HttpStream } from '../wire/http-server.ts'
import { type Control, NotAllowed, NotFound } from './control.ts'
import { BadInput, checkInput } from './input.ts'
import { camelKeys, snakeKeys } from './key-case.ts'
import { openApi } from './openapi.ts'
import { RawAnswer } from './raw-answer.ts'
import { ROUTES, type Route } from './routes.ts'

const PREFIX = '/_sandbox/api/v1'

export interface ControlAccess {
  readonly token?: string
  /** The address listened on. */
  readonly host: string
}

/**
 * The control API over HTTP. It can move money and time, so it is closed to web pages of other origins: a Host it does
 * not know (DNS rebinding) and any change that is not same-origin JSON are refused, and there is no CORS.
 */
export function controlHandler(
  control: Control,
  access: ControlAccess,
): (request: ControlRequest) => Promise<HttpAnswer | HttpStream> {
  return async (request) => {
    const refusal = refuseStranger(request, access)
    if (refusal) return refusal
    if (request.path === `${PREFIX}/openapi.json`) return json(200, openApi())
    try {
      return await serve(request, control)
    } catch (error) {
      const status = statusOf(error)
      if (status === undefined || !(error instanceof Error)) throw error
      const code = error instanceof PaymentRefused ? error.code : error.name
      return json(status, { error: code, message: error.message })
    }
  }
}

async function serve(request: ControlRequest, control: Control): Promise<HttpAnswer | HttpStream> {
  const found = findRoute(request.method, request.path)
  if (!found) return json(404, { error: 'NotFound', message: `no ${request.method} ${request.path}` })
  const { route, id } = found
  const given = request.method === 'GET' ? Object.fromEntries(request.query) : parseJson(request.body)
  // Settings are named as in the settings table; everything else is camelCase inside.
  const checked = route.input ? checkInput(route.input, given) : {}
  const input = route.path === '/settings' ? checked : camelKeys(checked)
  const result = await route.run({ control, id, input, lastEventId: request.headers['last-event-id'] })
  if (result instanceof RawAnswer) return result.answer
  return json(200, route.path === '/settings' ? result : snakeKeys(result))
}

function findRoute(method: string, path: string): { route: Route; id: string } | undefined {
  if (!path.startsWith(`${PREFIX}/`)) return undefined
  const parts = path.slice(PREFIX.length).split('/')
  for (const route of ROUTES) {
    if (route.method !== method) continue
    const pattern = route.path.split('/')
    if (pattern.length !== parts.length) continue
    if (pattern.every((part, index) => isBlank(part) || part === parts[index])) {
      return { route, id: decode(parts[pattern.findIndex(isBlank)] ?? '') }
    }
  }
  return undefined
}

/** A place in a path that the caller fills, such as `{id}`. */
const isBlank = (part: string) => part.startsWith('{')

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new BadInput('path is not url-encoded text')
  }
}

function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {}
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw new BadInput('body is not JSON')
  }
}

function refuseStranger(request: ControlRequest, access: ControlAccess): HttpAnswer | undefined {
  const { headers, method } = request
  if (!isOurHost(headers.host, access.host))
    return json(403, { error: 'ForeignHost', message: 'this Host is not served here' })
  if (access.token !== undefined && !sameSecret(headers.authorization ?? '', `Bearer ${access.token}`)) {
    return json(401, { error: 'TokenMissing', message: 'send Authorization: Bearer <token>' })
  }
  if (method === 'GET') return undefined
  const { origin } = headers
  if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === headers.host)) {
    return json(403, { error: 'ForeignOrigin', message: 'changes are taken from this origin only' })
  }
  // A simple form post cannot name this type, so a foreign page cannot send it without asking first.
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json')
    return json(415, { error: 'JsonOnly', message: 'send content-type: application/json' })
  return undefined
}

/** Whether a Host header names this sandbox; any other is a page that was rebound to this address. */
export function isOurHost(header: string | undefined, listening: string): boolean {
  if (header === undefined || !/^[\w.:[\]-]+$/.test(header) || !URL.canParse(`http://${header}`)) return false
  const name = new URL(`http://${header}`).hostname.replace(/^\[|\]$/g, '')
  if (['localhost', '127.0.0.1', '::1', listening].includes(name)) return true
  // Listening everywhere: any literal address reaches us, and a literal address cannot be rebound.
  return (listening === '0.0.0.0' || listening === '::') && /^[\d.]+$|:/.test(name)
}

function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof BadInput || error instanceof BadSetting || error instanceof BadFault) return 400
  if (error instanceof BadExport) return 400
  if (error instanceof NotAllowed) return 403
  if (error instanceof NotFound) return 404
  if (error instanceof ClockInThePast || error instanceof PaymentRefused || error instanceof AlreadyThere) return 409
  if (error instanceof ImportRefused || error instanceof ActRefused) return 409
  return undefined
}

const json = (status: number, value: unknown): HttpAnswer => ({
  status,
  headers: {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  },
  body: JSON.stringify(value),
})
