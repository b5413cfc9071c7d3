import cookie from '@fastify/cookie'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import { requireAccess } from './access.ts'
import { LATE_SERIALIZERS } from './compile-late.ts'
import type { Deps } from './deps.ts'
import { envelopeRoute } from './envelope.ts'
import { answerErrors } from './http-errors.ts'
import type { FullLog } from './log.ts'
import { describeApi } from './openapi.ts'
import { Refusal } from './refusal.ts'
import { sendSecurityHeaders } from './security-headers.ts'
import { readStrictly } from './strict-schemas.ts'

export const API_PREFIX = '/api/v1.0'

/** A whole request, body included, must be here within this time. */
const REQUEST_WITHIN_MS = 60_000

export interface HttpOptions {
  readonly log?: FullLog | undefined
  /** True while new requests should be turned away. */
  readonly isOverloaded?: (() => boolean) | undefined
}

/** The bare server: request ids, strict input, the envelope, headers and errors. Routes are added by `app.ts`. */
export async function createHttp(deps: Deps, options: HttpOptions = {}): Promise<FastifyInstance> {
  const { config } = deps
  const app = fastify({
    ...(options.log ? { loggerInstance: options.log } : {}),
    // Fastify's own lines would carry addresses with their queries; ours name the route.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    bodyLimit: config.limits.bodyBytes,
    // Of a request that trickles in, no more is waited for; Node looks twice a minute.
    requestTimeout: REQUEST_WITHIN_MS,
    trustProxy: config.trustProxy.length > 0 ? [...config.trustProxy] : false,
    requestIdHeader: false,
    genReqId: () => deps.random.bytes(12).toString('base64url'),
    routerOptions: { maxParamLength: 200 },
    schemaController: LATE_SERIALIZERS,
    // What is in flight at the end is finished; connections that idle are closed.
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => {
      reply.header('x-request-id', request.id)
      app.errorHandler(error, request, reply)
    },
  }) as unknown as FastifyInstance

  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    const shed = options.isOverloaded?.() && !request.routeOptions.config.neverShed
    done(shed ? new Refusal('overloaded', {}, { retryAfterS: 2 }) : undefined)
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request
    request.log.info({ method, route: routeOptions.url, status: reply.statusCode, ms: reply.elapsedTime }, 'answered')
    done()
  })
  sendSecurityHeaders(app, config)
  answerErrors(app)
  await app.register(cookie)
  app.addHook('onRoute', (route) => {
    if (route.url.startsWith(`${API_PREFIX}/`)) envelopeRoute(route)
  })
  readStrictly(app)
  await describeApi(app, config)
  requireAccess(app)
  answerUnknown(app)
  return app
}

/** Answers unknown paths with `not_found` and known ones under another method with `method_not_allowed`. */
function answerUnknown(app: FastifyInstance): void {
  const known: { readonly path: RegExp; readonly methods: readonly string[] }[] = []
  app.addHook('onRoute', ({ url, method }) => {
    if (url !== EVERY_PATH) known.push({ path: patternOf(url), methods: [method].flat() })
  })
  const refusalOf = (request: FastifyRequest, reply: FastifyReply): Refusal => {
    const path = request.url.split('?')[0] ?? ''
    const methods = new Set(known.filter((route) => route.path.test(path)).flatMap((route) => route.methods))
    if (methods.size === 0) return new Refusal('not_found')
    reply.header('allow', [...methods].join(', '))
    return new Refusal('method_not_allowed')
  }
  // The pages answer every path; below /api they must not stand in for a route that is missing.
  app.addHook('onRequest', (request, reply, done) => {
    const missing = request.routeOptions.url === EVERY_PATH && request.url.startsWith('/api/')
    done(missing ? refusalOf(request, reply) : undefined)
  })
  app.setNotFoundHandler((request, reply) => {
    throw refusalOf(request, reply)
  })
}

const EVERY_PATH = '/*'

const patternOf = (url: string): RegExp =>
  new RegExp(
    `^${url
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replace(/:\w+/g, '[^/]+')
      .replace(/\*/g, '.*')}$`,
  )
