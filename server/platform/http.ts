import cookie from '@fastify/cookie'
import fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { requireAccess } from './access.ts'
import type { Deps } from './deps.ts'
import { envelopeRoute } from './envelope.ts'
import { answerErrors } from './http-errors.ts'
import { Refusal } from './refusal.ts'
import { sendSecurityHeaders } from './security-headers.ts'
import { readStrictly } from './strict-schemas.ts'

export const API_PREFIX = '/api/v1.0'

/** The bare server: request ids, strict input, the envelope, headers and errors. Routes are added by `app.ts`. */
export async function createHttp(deps: Deps, loggerInstance?: FastifyBaseLogger): Promise<FastifyInstance> {
  const { config } = deps
  const app = fastify({
    ...(loggerInstance ? { loggerInstance } : {}),
    bodyLimit: config.limits.bodyBytes,
    trustProxy: config.trustProxy.length > 0 ? [...config.trustProxy] : false,
    disableRequestLogging: true,
    requestIdHeader: false,
    genReqId: () => deps.random.bytes(12).toString('base64url'),
    routerOptions: { maxParamLength: 200 },
    // What is in flight at the end is finished; keep-alive connections that idle are closed.
    forceCloseConnections: 'idle',
    return503OnClosing: false,
  })

  await app.register(cookie)
  requireAccess(app)
  readStrictly(app)
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  sendSecurityHeaders(app, config)
  app.addHook('onRoute', (route) => {
    if (route.url.startsWith(`${API_PREFIX}/`)) envelopeRoute(route)
  })
  answerErrors(app)
  app.setNotFoundHandler(() => {
    throw new Refusal('not_found')
  })
  return app
}
