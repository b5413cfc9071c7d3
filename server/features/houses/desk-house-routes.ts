import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IdParams, Nothing } from '@ihome/contract/schemas/fields'
import { DeskHouseQuery, DeskHouses, ReasonBody } from '@ihome/contract/schemas/operator-desk'
import type { Deps } from '../../platform/deps.ts'
import { operatorOf } from '../operators/operator-session.ts'
import { listHousesForDesk, putHouseBack, takeHouseDown } from './desk-houses.ts'

const tags = ['operators']

export const deskHouseRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  app.get(
    '/operator/houses',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        operationId: 'listDeskHouses',
        summary: 'Homes by number or words of the title, newest first',
        querystring: DeskHouseQuery,
        response: { 200: DeskHouses },
      },
    },
    (request) => listHousesForDesk(deps, request.query),
  )

  for (const [path, act, operationId, summary] of [
    ['take-down', takeHouseDown, 'takeHouseDown', 'Take a home off the market; its host reads why'],
    ['put-back', putHouseBack, 'putHouseBack', 'Let the host decide again whether a home is offered'],
  ] as const) {
    app.post(
      `/operator/houses/:id/${path}`,
      {
        config: { access: 'operator', roles: ['content'] },
        schema: { tags, operationId, summary, params: IdParams, body: ReasonBody, response: { 200: Nothing } },
      },
      async (request) => {
        await act(deps, { houseId: request.params.id, operatorId: operatorOf(request).id, reason: request.body.reason })
        return null
      },
    )
  }
}
