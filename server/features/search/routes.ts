import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { HouseListQuery, HouseListView } from '@ihome/contract/schemas/houses'
import type { Deps } from '../../platform/deps.ts'
import { createReadCache } from '../../platform/read-cache.ts'
import { inputInvalid } from '../../platform/refusal.ts'
import { listHouses } from './list-houses.ts'

const NAMES: readonly string[] = Object.keys(HouseListQuery.properties)

export const searchRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  const needs = { ...deps, cache: createReadCache(deps) }

  app.get(
    '/houses',
    {
      config: { access: 'anyone' },
      // A misspelt filter that is dropped in silence would show houses that were not asked for.
      preValidation: async (request) => {
        const unknown = Object.keys(request.query as object).filter((name) => !NAMES.includes(name))
        if (unknown.length > 0) throw inputInvalid(...unknown.map((field) => ({ field, reason: 'is not known' })))
      },
      schema: {
        tags: ['houses'],
        operationId: 'listHouses',
        summary: 'Search: by district and nights, in four orders, by page or cursor',
        querystring: HouseListQuery,
        response: { 200: HouseListView },
      },
    },
    (request) => listHouses(needs, request.query),
  )
}
