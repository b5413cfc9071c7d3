import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IdParams } from '@ihome/contract/schemas/fields'
import { CommentBody, OrderStatusView } from '@ihome/contract/schemas/orders'
import { writtenText } from '@ihome/core/text'
import type { Deps } from '../../platform/deps.ts'
import { inputInvalid } from '../../platform/refusal.ts'
import { announceMove } from '../orders/order-messages.ts'
import { commentOrder } from './comment-order.ts'

const COMMENT_LENGTH = 500

export const reviewRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  app.put(
    '/orders/:id/comment',
    {
      config: { access: 'signed_in' },
      schema: {
        tags: ['orders'],
        operationId: 'commentOrder',
        summary: 'The guest writes about a stay, once; the order is complete',
        params: IdParams,
        body: CommentBody,
        response: { 200: OrderStatusView },
      },
    },
    async (request) => {
      const comment = writtenText(request.body.comment, COMMENT_LENGTH)
      if (comment === undefined) {
        throw inputInvalid({ field: 'comment', reason: `must be 1 to ${COMMENT_LENGTH} characters` })
      }
      const moved = await commentOrder(deps, { orderId: request.params.id, guestId: request.account.id, comment })
      announceMove(deps.events, moved)
      return { status: moved.status }
    },
  )
}
