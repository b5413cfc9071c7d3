import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IdParams, Nothing } from '@ihome/contract/schemas/fields'
import { AreaView } from '@ihome/contract/schemas/houses'
import { AreaNameBody, HeroesBody, HeroesView } from '@ihome/contract/schemas/operator-desk'
import type { Deps } from '../../platform/deps.ts'
import { operatorOf } from '../operators/operator-session.ts'
import { addArea, chooseHeroes, nameArea, nameFacility, readHeroes } from './content.ts'

const tags = ['operators']
const config = { access: 'operator', roles: ['content'] } as const

/** What operators write on the site themselves: districts, facilities, the homes of the first page. */
export const contentRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  app.post(
    '/operator/areas',
    {
      config,
      schema: {
        tags,
        operationId: 'addArea',
        summary: 'A new district',
        body: AreaNameBody,
        response: { 201: AreaView },
      },
    },
    async (request, reply) => {
      const id = await addArea(deps, operatorOf(request).id, request.body.name)
      reply.code(201)
      return { id, name: request.body.name.trim() }
    },
  )

  app.put(
    '/operator/areas/:id',
    {
      config,
      schema: {
        tags,
        operationId: 'nameArea',
        summary: 'Another name for a district',
        params: IdParams,
        body: AreaNameBody,
        response: { 200: Nothing },
      },
    },
    async (request) => {
      await nameArea(deps, operatorOf(request).id, request.params.id, request.body.name)
      return null
    },
  )

  app.put(
    '/operator/facilities/:id',
    {
      config,
      schema: {
        tags,
        operationId: 'nameFacility',
        summary: 'Another name for a facility',
        params: IdParams,
        body: AreaNameBody,
        response: { 200: Nothing },
      },
    },
    async (request) => {
      await nameFacility(deps, operatorOf(request).id, request.params.id, request.body.name)
      return null
    },
  )

  app.get(
    '/operator/heroes',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        operationId: 'readHeroes',
        summary: 'The homes that the first page shows first',
        response: { 200: HeroesView },
      },
    },
    () => readHeroes(deps),
  )

  app.put(
    '/operator/heroes',
    {
      config,
      schema: {
        tags,
        operationId: 'chooseHeroes',
        summary: 'Choose the homes that the first page shows first',
        body: HeroesBody,
        response: { 200: HeroesView },
      },
    },
    async (request) => {
      await chooseHeroes(deps, operatorOf(request).id, request.body.house_ids)
      return readHeroes(deps)
    },
  )
}
