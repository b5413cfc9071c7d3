import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Access } from '../../platform/access.ts'
import type { Deps } from '../../platform/deps.ts'
import { Refusal } from '../../platform/refusal.ts'
import { endSession, findLiveSession, insertSession, touchSession } from './store.ts'
import { csrfTokenFor, digestOf, isCsrfTokenOf, newSessionId, readSessionId } from './tokens.ts'

/** The session that a request came with: a live one of a person, or a visitor's. */
export interface RequestSession {
  readonly id: string
  readonly kind: 'v' | 's'
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** True for routes that need not know who asks, such as pictures: their session is not looked up. */
    stateless?: true
  }
  interface FastifyRequest {
    session: RequestSession | undefined
  }
  interface FastifyInstance {
    /** Opens a session for the person without a password; answers the headers of a request in it. For tests and tools. */
    openSession(userId: number): Promise<{ cookie: string; 'x-csrftoken': string }>
  }
}

/** `last_used_at` is written at most this often; more would make every read a write. */
const TOUCH_EVERY_MS = 60_000

const UNSAFE = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

const CSRF_COOKIE = 'csrf_token'
const sessionCookie = (https: boolean) => (https ? '__Host-ihome_session' : 'ihome_session')

export type SessionDeps = Pick<Deps, 'config' | 'db' | 'clock' | 'random' | 'log'>

/** Makes every request know whose it is, and refuses what its route does not allow (product.md 2.4). */
export function keepSessions(app: FastifyInstance, deps: SessionDeps): void {
  app.decorateRequest('viewer', undefined)
  app.decorateRequest('session', undefined)
  app.decorateRequest('account', {
    getter(this: FastifyRequest) {
      if (!this.viewer) throw new Error(`${this.routeOptions.url} reads the account, but visitors may call it`)
      return this.viewer
    },
  })
  app.decorate('openSession', async (userId: number) => {
    const id = newSessionId('s', deps.random, deps.clock.now())
    await insertSession(deps.db, newSessionOf(deps, id, userId))
    const token = csrfTokenFor(id, firstSecret(deps))
    return { cookie: `${sessionCookie(deps.config.https)}=${id}; ${CSRF_COOKIE}=${token}`, 'x-csrftoken': token }
  })

  const cookieName = sessionCookie(deps.config.https)
  app.addHook('onRequest', (request, _reply, done) => {
    const { access, stateless } = request.routeOptions.config
    if (access === undefined || access === 'gateway' || stateless) return done()
    // Operators have sessions of their own, and a hook that has looked at them by now.
    if (access === 'operator') return done(request.operator ? undefined : new Refusal('sign_in_needed'))
    const claimed = readSessionId(request.cookies[cookieName])
    if (claimed?.kind === 's') {
      recognisePerson(request, claimed, deps)
        .then(() => refusalOf(request, access, deps))
        .then(done, done)
      return
    }
    // Visitors are known without the database, and their pages are the hottest: no promise is made for them.
    if (claimed) recogniseVisitor(request, claimed, deps)
    done(refusalOf(request, access, deps))
  })
}

function refusalOf(request: FastifyRequest, access: Access, deps: SessionDeps): Refusal | undefined {
  if (access === 'signed_in' && !request.viewer) return new Refusal('sign_in_needed')
  return UNSAFE.has(request.method) && !showsCsrf(request, deps) ? new Refusal('csrf_invalid') : undefined
}

type Claimed = NonNullable<ReturnType<typeof readSessionId>>

function recogniseVisitor(request: FastifyRequest, claimed: Claimed, { clock, config }: SessionDeps): void {
  const ageMs = clock.now().getTime() - claimed.bornAt.getTime()
  if (ageMs < config.limits.sessionIdleS * 1000) request.session = claimed
}

async function recognisePerson(request: FastifyRequest, claimed: Claimed, deps: SessionDeps): Promise<void> {
  const now = deps.clock.now()
  const digest = digestOf(claimed.id)
  const live = await findLiveSession(deps.db, digest, now)
  if (!live) return
  request.session = claimed
  request.viewer = { id: live.userId, name: live.name, phone: live.phone }
  if (now.getTime() - live.lastUsedAt.getTime() >= TOUCH_EVERY_MS) {
    const idleUntil = new Date(
      Math.min(now.getTime() + deps.config.limits.sessionIdleS * 1000, live.absoluteUntil.getTime()),
    )
    await touchSession(deps.db, digest, now, idleUntil)
  }
}

function showsCsrf(request: FastifyRequest, deps: SessionDeps): boolean {
  const token = request.headers['x-csrftoken']
  if (!request.session || typeof token !== 'string') return false
  return isCsrfTokenOf(request.session.id, token, deps.config.sessionSecrets) && isOwnOrigin(request, deps)
}

/** Browsers name the page that sends; clients without one are told apart by the token alone. */
function isOwnOrigin(request: FastifyRequest, { config }: SessionDeps): boolean {
  const { origin } = request.headers
  if (origin === undefined || origin === config.publicOrigin) return true
  // At home the same server is reached as localhost, 127.0.0.1 and by its address in the network.
  return !config.production && URL.canParse(origin) && new URL(origin).host === request.headers.host
}

const firstSecret = ({ config }: SessionDeps): string => config.sessionSecrets[0] ?? ''

export function newSessionOf({ config, clock }: SessionDeps, id: string, userId: number) {
  const now = clock.now()
  const after = (seconds: number) => new Date(now.getTime() + seconds * 1000)
  const { sessionIdleS, sessionAbsoluteS } = config.limits
  return { digest: digestOf(id), userId, now, idleUntil: after(sessionIdleS), absoluteUntil: after(sessionAbsoluteS) }
}

/** Where a request came from, for the session that it may open. */
export const entranceOf = (request: FastifyRequest) => ({
  session: request.session,
  userAgent: request.headers['user-agent'],
})

/** Gives the browser this session and its token. Answers the token. */
export function giveSession(reply: FastifyReply, sessionId: string, deps: SessionDeps): string {
  const { https, limits } = deps.config
  const token = csrfTokenFor(sessionId, firstSecret(deps))
  const common = { path: '/', sameSite: 'lax', secure: https, maxAge: limits.sessionAbsoluteS } as const
  reply.setCookie(sessionCookie(https), sessionId, { ...common, httpOnly: true })
  reply.setCookie(CSRF_COOKIE, token, common)
  return token
}

/** Makes sure that the browser has a session, a visitor's if none, and a token for it. Answers the token. */
export function ensureSession(request: FastifyRequest, reply: FastifyReply, deps: SessionDeps): string {
  const id = request.session?.id ?? newSessionId('v', deps.random, deps.clock.now())
  return giveSession(reply, id, deps)
}

/** Ends the person's session, here and on every instance, and goes on as a new visitor. */
export async function leaveSession(request: FastifyRequest, reply: FastifyReply, deps: SessionDeps): Promise<void> {
  const { session } = request
  if (session?.kind === 's') await endSession(deps.db, digestOf(session.id), 'logout', deps.clock.now())
  giveSession(reply, newSessionId('v', deps.random, deps.clock.now()), deps)
}
