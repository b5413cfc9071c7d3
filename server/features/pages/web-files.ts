import type { FastifyInstance } from 'fastify'
import type { BuiltWeb } from './built-web.ts'
import { isPacked, packed, packingFor } from './packed.ts'

const FOR_EVER = 'public, max-age=31536000, immutable'
const FOR_A_DAY = 'public, max-age=86400'
const WORKER = '/sw.js'
/** A worker is bound by the policy of its own file: it asks us, and runs nothing else. */
const WORKER_POLICY = "default-src 'none'; connect-src 'self'"
/** Browsers compare the service worker with the one they have; an old one from a cache would hide a new version. */
const FRESH = 'no-cache'
/** Pictures are packed already. */
const PACKABLE = /^(text|image\/svg|application\/(manifest|json))/

/** Serves what browsers load: hashed names for ever, the few plain names for a day. Packed once, on the first request. */
export function serveWebFiles(app: FastifyInstance, web: Pick<BuiltWeb, 'files'>): void {
  for (const [path, file] of web.files) {
    const body = packed(file.body, 'often')
    const isWorker = path === WORKER
    const cache = file.hashed ? FOR_EVER : isWorker ? FRESH : FOR_A_DAY
    app.get(
      path,
      { config: { access: 'anyone', stateless: true, envelope: false }, schema: { hide: true } },
      async (request, reply) => {
        const packing = PACKABLE.test(file.type) ? packingFor(request.headers['accept-encoding']) : 'identity'
        reply.header('content-type', file.type).header('cache-control', cache).header('vary', 'accept-encoding')
        if (isWorker) reply.header('content-security-policy', WORKER_POLICY)
        if (isPacked(body, packing)) reply.header('content-encoding', packing)
        return body.as(packing)
      },
    )
  }
}
