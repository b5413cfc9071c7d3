import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'

/** Nothing may be loaded or run by an answer that is not a page; pages say what they need themselves. */
const CLOSED_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Puts the headers on every answer, refusals and pictures included. A route that set its own policy keeps it. */
export function sendSecurityHeaders(app: FastifyInstance, config: Config): void {
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff')
    reply.header('referrer-policy', 'strict-origin-when-cross-origin')
    reply.header('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()')
    reply.header('cross-origin-opener-policy', 'same-origin')
    if (!reply.hasHeader('content-security-policy')) reply.header('content-security-policy', CLOSED_POLICY)
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    if (config.https) reply.header('strict-transport-security', 'max-age=31536000; includeSubDomains')
  })
}
