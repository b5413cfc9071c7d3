// The least that can answer with given bytes: Fastify, one route, nothing else. Started by hot-pages.ts, which sends
// the bytes and headers of our own answer as one message and hears the port.
import fastify from 'fastify'

process.once('message', async ({ body, headers }) => {
  const bytes = Buffer.from(body, 'base64')
  const app = fastify()
  app.get('/', async (_request, reply) => reply.headers(headers).send(bytes))
  await app.listen({ host: '127.0.0.1', port: 0 })
  process.send({ port: app.server.address().port })
})
