import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { HouseCountQuery, HouseCountView, HouseListQuery, HouseListView } from '@ihome/contract/schemas/houses'
import type { Deps } from '../../platform/deps.ts'
import { createReadCache } from '../../platform/read-cache.ts'
import { inputInvalid } from '../../platform/refusal.ts'
import { countFittingHouses, listHouses } from './list-houses.ts'

/** A misspelt filter that is dropped in silence would show houses that were not asked for. */
const refuseUnknown =
  (schema: { readonly properties: object }) =>
  async ({ query }: { readonly query: unknown }): Promise<void> => {
    const unknown = Object.keys(query as object).filter((name) => !Object.hasOwn(schema.properties, name))
    if (unknown.length > 0) throw inputInvalid(...unknown.map((field) => ({ field, reason: 'is not known' })))
  }

export const searchRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  const needs = { ...deps, cache: createReadCache(deps) }

  app.get(
    '/houses',
    {
      config: { access: 'anyone' },
      preValidation: refuseUnknown(HouseListQuery),
      schema: {
        tags: ['houses'],
        operationId: 'listHouses',
        summary: 'Search: by district, nights and wishes, in four orders, by page or cursor',
        querystring: HouseListQuery,
        response: { 200: HouseListView },
      },
    },
    (request) => listHouses(needs, request.query),
  )

  app.get(
    '/houses/count',
    {
      config: { access: 'anyone' },
      preValidation: refuseUnknown(HouseCountQuery),
      schema: {
        tags: ['houses'],
        operationId: 'countHouses',
        summary: 'How many houses a search would find, counted up to a limit',
        querystring: HouseCountQuery,
        response: { 200: HouseCountView },
      },
    },
    (request) => countFittingHouses(needs, request.query),
  )
}
