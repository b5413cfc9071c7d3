import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { beforeAll, describe, expect, test } from 'vitest'
import type { FeatureRoutes } from '../app.ts'
import { newSessionId } from '../features/accounts/tokens.ts'
import { openDatabase, transactor } from './db.ts'
import { createLog } from './log.ts'
import { Refusal } from './refusal.ts'
import { type TestApp, type TestDeps, testApp, testDeps } from './testing.ts'

const API = '/api/v1.0'
const described = (operationId: string) => ({ tags: ['try'], operationId, summary: 'For the test' })

const tryRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const open = { config: { access: 'gateway' } } as const
  app.post(
    '/try/wish',
    {
      ...open,
      schema: {
        ...described('tryWish'),
        body: Type.Object({
          nights: Type.Integer({ minimum: 1 }),
          inner: Type.Optional(Type.Object({ a: Type.String() })),
        }),
        response: { 201: Type.Object({ nights: Type.Integer() }) },
      },
    },
    async (request, reply) => {
      reply.code(201)
      return { nights: request.body.nights, secret: 'not in the schema' }
    },
  )
  app.get(
    '/try/text/:id',
    {
      ...open,
      schema: {
        ...described('tryText'),
        params: Type.Object({ id: Type.Integer() }),
        querystring: Type.Object({ p: Type.Optional(Type.Integer()) }),
        response: { 200: Type.Object({ id: Type.Integer(), p: Type.Optional(Type.Integer()) }) },
      },
    },
    async (request) => ({ id: request.params.id, ...(request.query.p === undefined ? {} : { p: request.query.p }) }),
  )
  app.get('/try/defect', { ...open, schema: described('tryDefect') }, async () => {
    throw new Error('the password of 13812345678 is hunter2')
  })
  app.get('/try/refusal', { ...open, schema: described('tryRefusal') }, async () => {
    throw new Refusal('price_changed', { price: 100 })
  })
  app.get('/try/private', { config: { access: 'signed_in' }, schema: described('tryPrivate') }, async () => null)
  app.get('/try/operator', { config: { access: 'operator' }, schema: described('tryOperator') }, async () => null)
}

describe('every answer', () => {
  let shop: TestApp
  const lines: string[] = []

  beforeAll(async () => {
    const deps = await testDeps()
    const log = createLog({ level: 'info', now: deps.clock.now, write: (line) => lines.push(line) })
    shop = await testApp({ deps, features: { api: [tryRoutes as FeatureRoutes], log } })
  })

  test('wraps data in the envelope, leaves out what the schema does not name, and carries its request id', async () => {
    const answer = await shop.request({ method: 'POST', url: `${API}/try/wish`, payload: { nights: 2 } })
    expect(answer.statusCode).toBe(201)
    expect(answer.json()).toEqual({
      errno: '0',
      errmsg: '成功',
      data: { nights: 2 },
      problem: null,
      request_id: answer.headers['x-request-id'],
    })
  })

  test.each([
    ['an unknown member', { nights: 1, extra: true }, 'extra'],
    ['an unknown member further in', { nights: 1, inner: { a: '', b: 1 } }, 'inner.b'],
    ['a number in quotes', { nights: '2' }, 'nights'],
    ['a missing member', {}, 'nights'],
    ['a number out of range', { nights: 0 }, 'nights'],
    ['a list', [], 'body'],
  ])('refuses %s in a body and names it', async (_what, payload, field) => {
    const answer = await shop.request({ method: 'POST', url: `${API}/try/wish`, payload })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ errno: '4103', problem: 'input_invalid' })
    expect(answer.json().data.fields.map((fault: { field: string }) => fault.field)).toContain(field)
  })

  test.each([
    ['not JSON', '{', 'application/json', 400, 'input_invalid'],
    ['an empty body', '', 'application/json', 400, 'input_invalid'],
    ['a prototype', '{"nights":1,"__proto__":{"a":1}}', 'application/json', 400, 'input_invalid'],
    ['another media type', 'nights=1', 'application/x-www-form-urlencoded', 415, 'media_type_unsupported'],
    ['more than 64 KiB', JSON.stringify({ a: 'x'.repeat(66_000) }), 'application/json', 413, 'body_too_large'],
  ])('refuses %s', async (_what, payload, type, status, problem) => {
    const answer = await shop.request({
      method: 'POST',
      url: `${API}/try/wish`,
      payload,
      headers: { 'content-type': type },
    })
    expect([answer.statusCode, answer.json().problem]).toEqual([status, problem])
  })

  test('converts text in paths and queries by their schema, and drops query members nobody asked for', async () => {
    const answer = await shop.request({ url: `${API}/try/text/7?p=3&utm_source=x` })
    expect(answer.json().data).toEqual({ id: 7, p: 3 })
    expect((await shop.request({ url: `${API}/try/text/seven` })).json().problem).toBe('input_invalid')
    expect((await shop.request({ url: `${API}/try/text/7?p=x` })).json().problem).toBe('input_invalid')
  })

  test('gives a refusal its status, RET code and details', async () => {
    const answer = await shop.request({ url: `${API}/try/refusal` })
    expect(answer.statusCode).toBe(409)
    expect(answer.json()).toMatchObject({ errno: '4004', problem: 'price_changed', data: { price: 100 } })
  })

  test('says nothing of a defect but its request id, and logs it whole without persons', async () => {
    lines.length = 0
    const answer = await shop.request({ url: `${API}/try/defect?sign=abc` })
    expect(answer.statusCode).toBe(500)
    expect(answer.json()).toEqual({
      errno: '4500',
      errmsg: '内部错误',
      problem: 'internal_error',
      request_id: answer.headers['x-request-id'],
    })
    const log = lines.join('')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'error',
      event: 'defect',
      request_id: answer.json().request_id,
    })
    expect(log).toContain('138****5678')
    expect(log).not.toContain('13812345678')
    expect(log).not.toContain('sign=abc')
  })

  test.each([
    ['GET', '/api/v1.0/no-such-thing', 404, 'not_found'],
    ['GET', '/no-such-page', 404, 'not_found'],
    ['GET', '/api/v1.0/%zz', 404, 'not_found'],
    ['GET', '/api/v1.0/try/wish', 405, 'method_not_allowed'],
    ['DELETE', '/api/v1.0/try/text/7', 405, 'method_not_allowed'],
  ] as const)('answers %s %s with %i in JSON', async (method, url, status, problem) => {
    const answer = await shop.request({ method, url })
    expect([answer.statusCode, answer.json().problem]).toEqual([status, problem])
    expect(answer.json().request_id).toBe(answer.headers['x-request-id'])
  })

  test('keeps visitors out of private routes and everybody out of the operators’', async () => {
    expect((await shop.request({ url: `${API}/try/private` })).json().problem).toBe('sign_in_needed')
    expect((await shop.request({ url: `${API}/try/operator` })).json().problem).toBe('sign_in_needed')
  })

  test.each(['/livez', `${API}/try/defect`, `${API}/no-such-thing`, '/api/openapi.json', '/api/docs'])(
    'carries the security headers on %s',
    async (url) => {
      const { headers } = await shop.request({ url })
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'strict-origin-when-cross-origin',
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
        'permissions-policy': expect.stringContaining('camera=()'),
      })
      expect(headers['content-security-policy']).not.toContain('unsafe-inline')
    },
  )

  test('lists every route in the OpenAPI document', async () => {
    const document = (await shop.request({ url: '/api/openapi.json' })).json()
    expect(document.openapi).toBe('3.1.0')
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/api/v1.0/sessions',
        '/api/v1.0/try/wish',
        '/api/v1.0/try/text/{id}',
        '/livez',
        '/readyz',
      ]),
    )
    const ok = document.paths['/api/v1.0/try/wish'].post.responses['201'].content['application/json'].schema
    expect(Object.keys(ok.properties)).toEqual(['errno', 'errmsg', 'data', 'problem', 'request_id'])
    expect((await shop.request({ url: '/api/docs' })).body).toContain('swagger')
  })
})

test('a page for every path does not stand in for a route of the API that is missing', async () => {
  const pages: FastifyPluginAsyncTypebox = async (app) => {
    app.get('/*', { config: { access: 'anyone', envelope: false }, schema: { hide: true } }, async () => 'a page')
  }
  const shop = await testApp({ features: { root: [pages as FeatureRoutes] } })
  expect((await shop.request({ url: '/anywhere' })).body).toBe('a page')
  expect((await shop.request({ url: `${API}/sessions` })).json().problem).toBe('method_not_allowed')
  expect((await shop.request({ url: `${API}/sessions` })).headers.allow).toBe('POST')
  expect((await shop.request({ url: `${API}/nothing` })).json().problem).toBe('not_found')
})

describe('a route', () => {
  const appWith = async (deps: TestDeps, routes: FastifyPluginAsyncTypebox) =>
    testApp({ deps, features: { api: [routes as FeatureRoutes] } })

  test('that does not say who may call it keeps the server from starting', async () => {
    const deps = await testDeps()
    const routes: FastifyPluginAsyncTypebox = async (app) => {
      app.get('/try/open', { schema: described('tryOpen') }, async () => null)
    }
    await expect(appWith(deps, routes)).rejects.toThrow('GET /api/v1.0/try/open does not say who may call it')
  })

  test('that does not describe itself keeps the server from starting', async () => {
    const deps = await testDeps()
    const routes: FastifyPluginAsyncTypebox = async (app) => {
      app.get('/try/open', { config: { access: 'anyone' } }, async () => null)
    }
    await expect(appWith(deps, routes)).rejects.toThrow('GET /api/v1.0/try/open is not described')
  })
})

describe('the service routes', () => {
  test('/readyz says 503 while the process is stopping, and /livez stays 200', async () => {
    let stopping = false
    const shop = await testApp({ features: { isStopping: () => stopping } })
    expect((await shop.request({ url: '/readyz' })).json()).toEqual({ state: 'ready' })
    stopping = true
    const answer = await shop.request({ url: '/readyz' })
    expect([answer.statusCode, answer.json()]).toEqual([503, { state: 'stopping' }])
    expect((await shop.request({ url: '/livez' })).statusCode).toBe(200)
  })

  test('/readyz says 503 when the schema is not current', async () => {
    const shop = await testApp()
    await shop.deps.database.owner.deleteFrom('schema_migrations').where('name', '=', '0001-accounts').execute()
    const answer = await shop.request({ url: '/readyz' })
    expect([answer.statusCode, answer.json()]).toEqual([503, { state: 'schema not current' }])
  })

  test('a database that is away is answered with database_unavailable and Retry-After', async () => {
    const deps = await testDeps()
    const { db } = openDatabase({ url: 'postgresql://nobody:x@127.0.0.1:9/none' })
    const shop = await testApp({ deps: { ...deps, db, transact: transactor(db) } })
    const headers = { cookie: `ihome_session=${newSessionId('s', deps.random, deps.clock.now())}` }
    const answer = await shop.request({ url: `${API}/session`, headers })
    expect([answer.statusCode, answer.json().problem, answer.headers['retry-after']]).toEqual([
      503,
      'database_unavailable',
      '2',
    ])
    expect((await shop.request({ url: '/readyz' })).json()).toEqual({ state: 'database unavailable' })
    expect((await shop.request({ url: '/livez' })).statusCode).toBe(200)
    await db.destroy()
  })

  test('a request that trickles in is not waited for without end', async () => {
    const { app } = await testApp()
    expect(app.server.requestTimeout).toBe(60_000)
    expect(app.server.headersTimeout).toBeLessThanOrEqual(60_000)
  })

  test('an overloaded process turns requests away with Retry-After, but answers /livez', async () => {
    const shop = await testApp({ features: { isOverloaded: () => true } })
    const answer = await shop.request({ url: `${API}/csrf` })
    expect([answer.statusCode, answer.json().problem, answer.headers['retry-after']]).toEqual([503, 'overloaded', '2'])
    expect((await shop.request({ url: '/livez' })).statusCode).toBe(200)
  })
})
