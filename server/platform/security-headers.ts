import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'

/** Nothing may be loaded or run by an answer that is not a page; pages say what they need themselves. */
const CLOSED_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Puts the headers on every answer, refusals and pictures included. A route that set its own policy keeps it. */
export function sendSecurityHeaders(app: FastifyInstance, config: Config): void {
  const always = {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'strict-origin-when-cross-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'cross-origin-opener-policy': 'same-origin',
    ...(config.https ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : {}),
  }
  // Hooks that every request passes are written with `done`: a promise each is what a hot route would spend most on.
  app.addHook('onSend', (_request, reply, _payload, done) => {
    reply.headers(always)
    if (!reply.hasHeader('content-security-policy')) reply.header('content-security-policy', CLOSED_POLICY)
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    done()
  })
}
