import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import type { Deps } from '../../platform/deps.ts'
import { Refusal } from '../../platform/refusal.ts'
import { countSiteMapParts, readSiteMapPart } from '../houses/site-map.ts'

const NAMESPACE = 'http://www.sitemaps.org/schemas/sitemap/0.9'
/** Search engines come a few times a day; a house that is new today may wait an hour. */
const FOR_AN_HOUR = 'public, max-age=3600'
/** Where nothing is for strangers. What is private is guarded anyway; this only spares both sides the asking. */
const NOT_FOR_ROBOTS = [
  '/api/',
  '/auth',
  '/booking/',
  '/dev/',
  '/earnings',
  '/favourites',
  '/host-orders',
  '/language',
  '/login',
  '/messages',
  '/my',
  '/new-house',
  '/offline',
  '/operator',
  '/orders',
  '/pay-complete',
  '/profile',
  '/register',
]

const document = (root: string, entries: readonly string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">${entries.join('')}</${root}>\n`

/** What search engines read: which pages they may ask for, and where all houses are. */
export const siteMapRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  const { publicOrigin } = deps.config
  const route = { config: { access: 'anyone', stateless: true, envelope: false }, schema: { hide: true } } as const

  app.get('/robots.txt', route, (_request, reply) =>
    reply
      .type('text/plain; charset=utf-8')
      .header('cache-control', FOR_AN_HOUR)
      .send(
        [
          'User-agent: *',
          ...NOT_FOR_ROBOTS.map((path) => `Disallow: ${path}`),
          `Sitemap: ${publicOrigin}/sitemap.xml`,
          '',
        ].join('\n'),
      ),
  )

  app.get('/sitemap.xml', route, async (_request, reply) => {
    const parts = await countSiteMapParts(deps)
    const entries = Array.from({ length: parts }, (_, index) => `/sitemaps/houses-${index + 1}.xml`)
    return reply
      .type('application/xml; charset=utf-8')
      .header('cache-control', FOR_AN_HOUR)
      .send(
        document(
          'sitemapindex',
          ['/sitemaps/pages.xml', ...entries].map((path) => `<sitemap><loc>${publicOrigin}${path}</loc></sitemap>`),
        ),
      )
  })

  app.get('/sitemaps/pages.xml', route, (_request, reply) =>
    reply
      .type('application/xml; charset=utf-8')
      .header('cache-control', FOR_AN_HOUR)
      .send(
        document(
          'urlset',
          ['/', '/search'].map((path) => `<url><loc>${publicOrigin}${path}</loc></url>`),
        ),
      ),
  )

  app.get(
    '/sitemaps/houses-:part(^\\d{1,6}$).xml',
    { ...route, schema: { hide: true, params: Type.Object({ part: Type.Integer({ minimum: 1 }) }) } },
    async (request, reply) => {
      const { part } = request.params
      if (part > (await countSiteMapParts(deps))) throw new Refusal('not_found')
      const houses = await readSiteMapPart(deps, part)
      return reply
        .type('application/xml; charset=utf-8')
        .header('cache-control', FOR_AN_HOUR)
        .send(
          document(
            'urlset',
            houses.map(
              ({ id, at }) =>
                `<url><loc>${publicOrigin}/detail/${id}</loc><lastmod>${at.toISOString()}</lastmod></url>`,
            ),
          ),
        )
    },
  )
}
