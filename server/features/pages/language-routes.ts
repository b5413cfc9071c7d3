import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import type { Deps } from '../../platform/deps.ts'
import type { Language } from './built-web.ts'

const COOKIE = 'lang'
const YEAR_SECONDS = 365 * 86_400
/** A path of this site: a link to us must not lead to an address elsewhere. */
const OWN_PATH = /^\/(?![/\\])[!-[\]-~]*$/

/** Chinese, unless the visitor has chosen otherwise. */
export const languageOf = (request: FastifyRequest): Language => (request.cookies[COOKIE] === 'en' ? 'en' : 'zh')

/** The switch of the language: a link like any other, so that it works without scripts. It leads back to `next`. */
export const languageRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  app.get(
    '/language',
    {
      config: { access: 'anyone', stateless: true, envelope: false },
      schema: {
        hide: true,
        querystring: Type.Object({ to: Type.Optional(Type.String()), next: Type.Optional(Type.String()) }),
      },
    },
    (request, reply) => {
      const { to, next = '/' } = request.query
      reply.setCookie(COOKIE, to === 'en' ? 'en' : 'zh', {
        path: '/',
        sameSite: 'lax',
        // Read by the frame that opens without a network, so not hidden from scripts. It holds no secret.
        httpOnly: false,
        secure: deps.config.https,
        maxAge: YEAR_SECONDS,
      })
      return reply.header('cache-control', 'no-store').redirect(OWN_PATH.test(next) ? next : '/', 303)
    },
  )
}
