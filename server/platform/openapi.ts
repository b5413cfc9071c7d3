import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, RouteOptions } from 'fastify'
import type { Config } from './config.ts'

const DOCS = '/api/docs'

/** The groups of the document, in the order in which it shows them. */
const TAGS = ['accounts', 'houses', 'orders', 'payments', 'messages', 'pictures', 'operators', 'service', 'pages']

/** What the pages of /api/docs load and do; they are the only ones with a policy of their own here. */
const DOCS_POLICY = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  // The one style that the bundle of swagger-ui 5 writes into the page itself.
  'style-src': ["'self'", "'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
}

/**
 * Collects every route into one OpenAPI 3.1 document, at /api/openapi.json and as a page at /api/docs. A route that
 * does not describe itself keeps the server from starting: what is not listed does not exist.
 */
export async function describeApi(app: FastifyInstance, config: Config): Promise<void> {
  app.addHook('onRoute', ownDocsRoute)
  app.addHook('onRoute', requireDescription)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: '爱家租房 iHome',
        version: '1.0.0',
        description:
          'Every answer below /api/v1.0 is an envelope: errno (RET code), errmsg, data, problem (a stable name, null on ' +
          'success) and request_id. Amounts are integer fen, house dates calendar dates of Asia/Shanghai, instants RFC ' +
          '3339 in UTC. POST, PUT and DELETE carry the csrf_token cookie in the header X-CSRFToken.',
      },
      tags: TAGS.map((name) => ({ name })),
      servers: [{ url: config.publicOrigin }],
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: config.https ? '__Host-ihome_session' : 'ihome_session' },
          csrf: { type: 'apiKey', in: 'header', name: 'X-CSRFToken' },
        },
      },
    },
    hideUntagged: false,
  })
  await app.register(swaggerUi, {
    routePrefix: DOCS,
    staticCSP: DOCS_POLICY,
    theme: { title: '爱家租房 iHome · API', css: [{ filename: 'ihome.css', content: '.topbar { display: none }' }] },
  })

  let document: string | undefined
  app.get(
    '/api/openapi.json',
    {
      config: { access: 'anyone', envelope: false, stateless: true },
      schema: { tags: ['service'], operationId: 'readOpenApi', summary: 'This document', response: { 200: {} } },
    },
    async (_request, reply) => {
      document ??= JSON.stringify(app.swagger())
      return reply.type('application/json; charset=utf-8').send(document)
    },
  )
}

/** The pages of the documentation come from a package that knows nothing of our rules. */
function ownDocsRoute(route: RouteOptions): void {
  if (route.url !== DOCS && !route.url.startsWith(`${DOCS}/`)) return
  route.config = { ...route.config, access: 'anyone', envelope: false, stateless: true }
  route.schema = { ...route.schema, hide: true, summary: 'Documentation of the API' }
}

function requireDescription(route: RouteOptions): void {
  // HEAD and OPTIONS answer beside a route that is described.
  if (route.method === 'HEAD' || route.method === 'OPTIONS') return
  if (route.schema?.hide) listPage(route)
  const { tags, operationId, summary } = route.schema ?? {}
  if (!tags || tags.length === 0 || !operationId || !summary) {
    throw new Error(
      `${String(route.method)} ${route.url} is not described: give its schema tags, operationId and summary`,
    )
  }
  const { access } = route.config ?? {}
  if (access === 'signed_in' || access === 'operator') {
    const unsafe = route.method !== 'GET'
    route.schema = { ...route.schema, security: [unsafe ? { session: [], csrf: [] } : { session: [] }] }
  }
}

/** Pages and their files are no part of the API, yet the process answers them, so they are listed by their address. */
function listPage(route: RouteOptions): void {
  const name = route.url.replace(/[^a-zA-Z0-9]+/g, '_').replace(/^_|_$/g, '') || 'any'
  const { summary = 'A page or a file of the site' } = route.schema ?? {}
  route.schema = { ...route.schema, hide: false, tags: ['pages'], operationId: `page_${name}`, summary }
}
