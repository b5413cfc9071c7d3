import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Transport } from '@ihome/contract/client'
import { dayInShanghai } from '@ihome/core/calendar'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Deps } from '../../platform/deps.ts'
import { API_PREFIX } from '../../platform/http.ts'
import { isDatabaseOutage } from '../../platform/http-errors.ts'
import { Refusal } from '../../platform/refusal.ts'
import { ensureSession } from '../accounts/session-hooks.ts'
import { type BuiltWeb, loadBuiltWeb, type RenderedPage } from './built-web.ts'
import { languageOf, languageRoutes } from './language-routes.ts'
import { newAddress, OLD_PATHS } from './old-addresses.ts'
import { isPacked, type Packed, type Packing, packed, packingFor } from './packed.ts'
import { brokenHtml, pageHtml, pagePolicy, TAGS } from './page-html.ts'
import { createPageMemory } from './page-memory.ts'
import { siteMapRoutes } from './site-map-routes.ts'
import { serveWebFiles } from './web-files.ts'

const HTML = 'text/html; charset=utf-8'
/** Below these, an unknown address is answered by JSON, as programs ask there. */
const NOT_PAGES = /^\/(api|uploads|assets)(\/|$)/
/** Pages without a query that look the same to every visitor. */
const SAME_FOR_ALL = /^\/(search|detail\/[1-9]\d{0,14})?$/

/** The pages: public ones rendered here, others as a frame that the browser fills. Also their files and old addresses. */
export const pageRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  const web = await loadBuiltWeb()
  const policy = pagePolicy(web)
  const memory = createPageMemory(deps)

  serveWebFiles(app, web)
  await app.register(siteMapRoutes, { deps })
  await app.register(languageRoutes, { deps })
  for (const path of OLD_PATHS) {
    app.get(path, { config: { access: 'anyone', stateless: true }, schema: { hide: true } }, (request, reply) =>
      reply.redirect(newAddress(request.url) ?? '/', 301),
    )
  }
  app.setErrorHandler((error, request, reply) => {
    if (NOT_PAGES.test(request.url)) throw error
    return answerBroken(error as Error, request, reply, web)
  })

  async function make(request: FastifyRequest, forAll: boolean): Promise<{ page: RenderedPage; html: string }> {
    const now = deps.clock.now()
    const page = await web.render({
      url: request.url,
      transport: insideTransport(app, request),
      state: {
        lang: languageOf(request),
        today: dayInShanghai(now),
        // A page that is kept must not carry the clock of its making.
        now: forAll ? undefined : now.toISOString(),
        name: request.viewer?.name,
      },
    })
    return {
      page,
      html: pageHtml(web, page, languageOf(request), { origin: deps.config.publicOrigin, path: request.url }),
    }
  }

  async function answer(request: FastifyRequest, reply: FastifyReply) {
    // A browser that shows its session and holds a token has nothing to be given.
    if (!request.session || request.cookies.csrf_token === undefined) ensureSession(request, reply, deps)
    if (!request.viewer && SAME_FOR_ALL.test(request.url)) {
      const key = `${languageOf(request)} ${dayInShanghai(deps.clock.now())} ${request.url}`
      const kept =
        memory.peek(key) ??
        (await memory.read(key, async () => {
          const { page, html } = await make(request, true)
          return { status: page.status, html }
        }))
      return send(request, reply, kept.status, kept.html, policy)
    }
    const { page, html } = await make(request, false)
    if (page.redirect) return reply.header('cache-control', 'no-store').redirect(page.redirect, 302)
    return send(request, reply, page.status, packed(Buffer.from(html), 'once'), policy)
  }

  app.get('/*', { config: { access: 'anyone', envelope: false }, schema: { hide: true } }, async (request, reply) => {
    if (NOT_PAGES.test(request.url)) throw new Refusal('not_found')
    return answer(request, reply)
  })
}

/** Sends a body in the packing that the browser takes. */
function send(request: FastifyRequest, reply: FastifyReply, status: number, html: Packed, policy: string) {
  const packing: Packing = packingFor(request.headers['accept-encoding'])
  reply
    .code(status)
    .header('content-type', HTML)
    .header('content-language', TAGS[languageOf(request)])
    .header('cache-control', 'no-store')
    .header('vary', 'accept-encoding')
    .header('content-security-policy', policy)
  if (isPacked(html, packing)) reply.header('content-encoding', packing)
  return html.as(packing)
}

/** The API inside this process, as the visitor of this request: one way to the data for browsers and for us. */
const insideTransport =
  (app: FastifyInstance, request: FastifyRequest): Transport =>
  async ({ method, path }) => {
    const { cookie } = request.headers
    const answer = await app.inject({
      method,
      url: API_PREFIX + path,
      remoteAddress: request.ip,
      headers: request.viewer && cookie ? { cookie } : {},
    })
    return { status: answer.statusCode, body: answer.json() }
  }

/** A page instead of an envelope for whoever opened an address. What went wrong is in the log under the number shown. */
function answerBroken(error: Error, request: FastifyRequest, reply: FastifyReply, web: BuiltWeb) {
  const busy = error instanceof Refusal ? error.problem === 'overloaded' : isDatabaseOutage(error)
  const facts = { route: request.routeOptions.url, err: error }
  if (busy) request.log.warn(facts, 'outage')
  else request.log.error(facts, 'defect')
  if (busy) reply.header('retry-after', '2')
  return reply
    .code(busy ? 503 : 500)
    .header('content-type', HTML)
    .header('cache-control', 'no-store')
    .header('content-security-policy', pagePolicy(web))
    .send(brokenHtml(web, languageOf(request), request.id, request.url))
}
