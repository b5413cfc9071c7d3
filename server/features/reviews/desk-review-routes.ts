import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IdParams, Nothing } from '@ihome/contract/schemas/fields'
import { DeskReviewQuery, DeskReviews, ReasonBody } from '@ihome/contract/schemas/operator-desk'
import type { Deps } from '../../platform/deps.ts'
import { operatorOf } from '../operators/operator-session.ts'
import { listReviewsForDesk, putReviewBack, takeReviewDown } from './desk-reviews.ts'

const tags = ['operators']

export const deskReviewRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  app.get(
    '/operator/reviews',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        operationId: 'listDeskReviews',
        summary: 'Reviews by order number or words in them, newest first',
        querystring: DeskReviewQuery,
        response: { 200: DeskReviews },
      },
    },
    (request) => listReviewsForDesk(deps, request.query),
  )

  for (const [path, act, operationId, summary] of [
    ['take-down', takeReviewDown, 'takeReviewDown', "Take a review off the home's page and out of its score"],
    ['put-back', putReviewBack, 'putReviewBack', 'Show a review again'],
  ] as const) {
    app.post(
      `/operator/reviews/:id/${path}`,
      {
        config: { access: 'operator', roles: ['content'] },
        schema: { tags, operationId, summary, params: IdParams, body: ReasonBody, response: { 200: Nothing } },
      },
      async (request) => {
        await act(deps, { orderId: request.params.id, operatorId: operatorOf(request).id, reason: request.body.reason })
        return null
      },
    )
  }
}
