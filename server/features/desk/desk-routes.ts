import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IdParams, Nothing } from '@ihome/contract/schemas/fields'
import { ReasonBody } from '@ihome/contract/schemas/operator-desk'
import { DeskMessageQuery, DeskMessages, TodayView } from '@ihome/contract/schemas/operator-desk-today'
import type { Deps } from '../../platform/deps.ts'
import { operatorOf } from '../operators/operator-session.ts'
import { listMessagesForDesk, retryMessage } from './desk-outbox.ts'
import { readToday } from './desk-today.ts'

const tags = ['operators']

/** The board of the day, and what goes out. */
export const deskRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  app.get(
    '/operator/today',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        operationId: 'readToday',
        summary: 'How today goes beside yesterday, and what should be nothing',
        response: { 200: TodayView },
      },
    },
    () => readToday(deps),
  )

  app.get(
    '/operator/outbox',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        operationId: 'listDeskMessages',
        summary: 'Messages that wait, were sent, or were given up; without their words',
        querystring: DeskMessageQuery,
        response: { 200: DeskMessages },
      },
    },
    (request) => listMessagesForDesk(deps, request.query),
  )

  app.post(
    '/operator/outbox/:id/retry',
    {
      config: { access: 'operator', roles: ['support', 'finance'] },
      schema: {
        tags,
        operationId: 'retryMessage',
        summary: 'Send a message again that was given up',
        params: IdParams,
        body: ReasonBody,
        response: { 200: Nothing },
      },
    },
    async (request) => {
      const { id } = operatorOf(request)
      await retryMessage(deps, { messageId: request.params.id, operatorId: id, reason: request.body.reason })
      return null
    },
  )
}
