import { createHash } from 'node:crypto'
import type { OperatorRole, OperatorView } from '@ihome/contract/schemas/operators'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Deps } from '../../platform/deps.ts'
import type { Random } from '../../platform/random.ts'
import { Refusal } from '../../platform/refusal.ts'
import { csrfTokenFor, isCsrfTokenOf } from '../accounts/tokens.ts'
import { findOperatorSession, touchOperatorSession } from './store.ts'

/** A desk that nobody sits at for half an hour is closed; a working day ends. */
export const SESSION_IDLE_S = 1_800
export const SESSION_ABSOLUTE_S = 43_200
const TOUCH_EVERY_MS = 60_000
const UNSAFE = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])
const SHAPE = /^o\.[A-Za-z0-9_-]{43}$/

export interface Operator extends OperatorView {
  readonly id: number
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** On `operator` routes: who may call it beside `admin`. Left out, every operator may. */
    roles?: readonly OperatorRole[]
  }
  interface FastifyRequest {
    /** The operator behind a request; on `operator` routes there always is one. */
    operator: Operator | undefined
  }
}

export const newOperatorSessionId = (random: Random): string => `o.${random.bytes(32).toString('base64url')}`
export const operatorDigest = (id: string): Buffer => createHash('sha256').update(id).digest()

/** Their names begin with what browsers hold to: set by us alone, over TLS, for the whole origin. */
const cookieNames = (https: boolean) =>
  https
    ? ({ session: '__Host-ihome_operator', csrf: '__Host-operator_csrf' } as const)
    : ({ session: 'ihome_operator', csrf: 'operator_csrf' } as const)

/** Lets nobody to an `operator` route who has no operator's session, its token, and a role that the route names. */
export function keepOperators(app: FastifyInstance, deps: Deps): void {
  app.decorateRequest('operator', undefined)
  app.addHook('onRequest', async (request) => {
    const { access, roles } = request.routeOptions.config
    if (access !== 'operator') return
    const operator = await recognise(request, deps)
    if (!operator) throw new Refusal('sign_in_needed')
    if (roles && operator.role !== 'admin' && !roles.includes(operator.role)) throw new Refusal('role_refused')
    request.operator = operator
  })
}

async function recognise(request: FastifyRequest, deps: Deps): Promise<Operator | undefined> {
  const id = request.cookies[cookieNames(deps.config.https).session]
  if (id === undefined || !SHAPE.test(id)) return undefined
  const now = deps.clock.now()
  const digest = operatorDigest(id)
  const live = await findOperatorSession(deps.db, digest, now)
  if (!live) return undefined
  const token = request.headers['x-csrftoken']
  if (
    UNSAFE.has(request.method) &&
    !(typeof token === 'string' && isCsrfTokenOf(id, token, deps.config.sessionSecrets))
  )
    throw new Refusal('csrf_invalid')
  if (now.getTime() - live.lastUsedAt.getTime() >= TOUCH_EVERY_MS) {
    const idle = Math.min(now.getTime() + SESSION_IDLE_S * 1000, live.absoluteUntil.getTime())
    await touchOperatorSession(deps.db, digest, now, new Date(idle))
  }
  return { id: live.operatorId, login: live.login, role: live.role }
}

/** Gives the browser an operator's session. It is sent along from our own pages only. */
export function giveOperatorSession(reply: FastifyReply, id: string, { config }: Deps): void {
  const names = cookieNames(config.https)
  const common = { path: '/', sameSite: 'strict', secure: config.https, maxAge: SESSION_ABSOLUTE_S } as const
  reply.setCookie(names.session, id, { ...common, httpOnly: true })
  reply.setCookie(names.csrf, csrfTokenFor(id, config.sessionSecrets[0] ?? ''), common)
}

/** The id of the session that the request shows, and both cookies gone. */
export function dropOperatorSession(
  request: FastifyRequest,
  reply: FastifyReply,
  { config }: Deps,
): string | undefined {
  const names = cookieNames(config.https)
  for (const name of [names.session, names.csrf]) reply.clearCookie(name, { path: '/' })
  return request.cookies[names.session]
}

/** The operator behind a request of an `operator` route. Reading it elsewhere is a defect and throws. */
export function operatorOf({ operator, routeOptions }: FastifyRequest): Operator {
  if (!operator) throw new Error(`${routeOptions.url} reads the operator, but others may call it`)
  return operator
}
