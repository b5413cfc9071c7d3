import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IdParams } from '@ihome/contract/schemas/fields'
import {
  LineView,
  MESSAGE_LENGTH,
  ReadBody,
  SayBody,
  ThreadDetailView,
  ThreadListQuery,
  ThreadListView,
  ThreadQuery,
  UnreadView,
} from '@ihome/contract/schemas/messages'
import { writtenText } from '@ihome/core/text'
import type { Deps } from '../../platform/deps.ts'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'
import { isStillLive } from '../accounts/live-session.ts'
import { countUnread, saveRead } from './store.ts'
import { createStreams } from './streams.ts'
import { readThread, readThreads, say } from './threads.ts'

const tags = ['messages']
const signedIn = { access: 'signed_in' } as const
const NUMBER = /^[1-9]\d{0,15}$/

/** What guest and host of an order write to each other. */
export const messageRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  const streams = createStreams(deps.events)
  app.addHook('preClose', async () => streams.end())

  app.get(
    '/messages',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'listThreads',
        summary: 'My threads as guest and as host, the one written in last first, by cursor',
        querystring: ThreadListQuery,
        response: { 200: ThreadListView },
      },
    },
    (request) => {
      const { cursor } = request.query
      if (cursor !== undefined && !NUMBER.test(cursor)) throw inputInvalid({ field: 'cursor', reason: 'is not ours' })
      return readThreads(deps, {
        personId: request.account.id,
        before: cursor === undefined ? undefined : Number(cursor),
      })
    },
  )

  app.get(
    '/messages/unread',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'countUnread',
        summary: 'In how many threads there is something that I have not read',
        response: { 200: UnreadView },
      },
    },
    async (request) => ({ unread: await countUnread(deps.db, request.account.id) }),
  )

  app.get(
    '/messages/stream',
    {
      config: { ...signedIn, envelope: false },
      schema: {
        tags,
        operationId: 'listenToThreads',
        summary: 'News of my threads as server-sent events: thread with the number of its order, and again',
        produces: ['text/event-stream'],
      },
    },
    (request, reply) => {
      // Whoever cannot read a stream would wait for an end that does not come.
      if (!request.headers.accept?.includes('text/event-stream')) {
        throw inputInvalid({ field: 'accept', reason: 'must be text/event-stream' })
      }
      const { session } = request
      const stream = streams.open(request.account.id, () => isStillLive(deps, session))
      if (!stream) throw new Refusal('rate_limited', {}, { retryAfterS: 30 })
      return reply
        .header('content-type', 'text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .send(stream)
    },
  )

  app.get(
    '/messages/:id',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'readThread',
        summary: 'What was written about an order, newest lines, with what has happened to it',
        params: IdParams,
        querystring: ThreadQuery,
        response: { 200: ThreadDetailView },
      },
    },
    (request) =>
      readThread(deps, { orderId: request.params.id, personId: request.account.id, before: request.query.before }),
  )

  app.post(
    '/messages/:id',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'say',
        summary: 'Write a line to the other person of an order; the same client_id is the same line',
        params: IdParams,
        body: SayBody,
        response: { 201: LineView },
      },
    },
    async (request, reply) => {
      const text = writtenText(request.body.text, MESSAGE_LENGTH)
      if (text === undefined) {
        throw inputInvalid({ field: 'text', reason: `must be 1 to ${MESSAGE_LENGTH} characters` })
      }
      const { client_id: clientId } = request.body
      const line = await say(deps, { orderId: request.params.id, personId: request.account.id, clientId, text })
      reply.code(201)
      return line
    },
  )

  app.put(
    '/messages/:id/read',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'markRead',
        summary: 'I have read the thread up to this line',
        params: IdParams,
        body: ReadBody,
        response: { 200: UnreadView },
      },
    },
    async (request) => {
      const { id: personId } = request.account
      await saveRead(deps.db, request.params.id, personId, request.body.up_to)
      return { unread: await countUnread(deps.db, personId) }
    },
  )
}
