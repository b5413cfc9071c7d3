import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IdParams } from '@ihome/contract/schemas/fields'
import {
  AreaView,
  FacilityView,
  HomeView,
  HouseBookingView,
  HouseDetailView,
  type HouseFull,
} from '@ihome/contract/schemas/houses'
import Type from 'typebox'
import type { Deps } from '../../platform/deps.ts'
import { createReadCache } from '../../platform/read-cache.ts'
import { writtenOnce } from '../../platform/written.ts'
import { readAreas, readFacilities, readHome, readHouse, readHouseForBooking } from './read-houses.ts'

const VISITOR = -1
/** The hottest answer of the API: alike for all who are not signed in, until the house changes. */
const detailForVisitors = writtenOnce(HouseDetailView, (house: HouseFull) => ({ user_id: VISITOR, house }))

export const houseRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  const needs = { ...deps, cache: createReadCache(deps) }

  app.get(
    '/house/areas',
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['houses'],
        operationId: 'listAreas',
        summary: 'The districts',
        response: { 200: Type.Array(AreaView) },
      },
    },
    () => readAreas(needs),
  )

  app.get(
    '/house/facility',
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['houses'],
        operationId: 'listFacilities',
        summary: 'What a house can have',
        response: { 200: Type.Array(FacilityView) },
      },
    },
    () => readFacilities(needs),
  )

  app.get(
    '/house/index',
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['houses'],
        operationId: 'readHome',
        summary: 'The houses of the home page: most stays first, only with a cover',
        response: { 200: HomeView },
      },
    },
    () => readHome(needs),
  )

  app.get(
    '/house/:id',
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['houses'],
        operationId: 'readHouse',
        summary: 'A house with pictures, facilities and newest comments',
        params: IdParams,
        response: { 200: HouseDetailView },
      },
    },
    async (request, reply) => {
      const house = await readHouse(needs, request.params.id)
      return request.viewer ? { user_id: request.viewer.id, house } : detailForVisitors(reply, house)
    },
  )

  app.get(
    '/order/house/:id',
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['orders'],
        operationId: 'readHouseForBooking',
        summary: 'A house with its rules and taken nights, for choosing dates',
        params: IdParams,
        response: { 200: HouseBookingView },
      },
    },
    (request) => readHouseForBooking(deps, request.params.id),
  )
}
