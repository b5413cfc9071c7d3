import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IdParams, Nothing } from '@ihome/contract/schemas/fields'
import {
  DraftBody,
  DraftView,
  HostHousesView,
  HouseInfoBody,
  HouseStateView,
  ListedBody,
  OwnHouseView,
  PublishedHouseView,
  PublishHouseBody,
  PublishingView,
} from '@ihome/contract/schemas/hosting'
import type { Deps } from '../../platform/deps.ts'
import { idempotent } from '../../platform/idempotency.ts'
import { routeOptions } from '../../platform/route-options.ts'
import {
  beginDraft,
  dropDraft,
  listOwnHouses,
  readDraft,
  readOwnHouse,
  readPublishing,
  saveDraft,
} from './own-houses.ts'
import { editHouse, listHouse, publishHouse } from './publish-house.ts'

const own = routeOptions({ access: 'signed_in' }, 'houses')

/** What hosts do with their own houses, apart from photos and calendars. */
export const hostingRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  const changed = (houseId: number) => deps.events.publish({ kind: 'house_changed', houseId })

  app.get(
    '/users/houses',
    own('listOwnHouses', "One's own houses and drafts, newest first", { response: { 200: HostHousesView } }),
    (request) => listOwnHouses(deps, request.account.id),
  )

  app.get(
    '/users/publishing',
    own('readPublishing', 'Whether one may publish, and the figures that publishing reckons with', {
      response: { 200: PublishingView },
    }),
    (request) => readPublishing(deps, request.account.id),
  )

  app.post(
    '/house/info',
    own('publishHouse', 'Make a house; it is listed from now on', {
      body: PublishHouseBody,
      response: { 201: PublishedHouseView },
    }),
    async (request, reply) => {
      const { draft_id: draftId, ...body } = request.body
      const wish = { hostId: request.account.id, body, draftId }
      const houseId = await idempotent(deps, request, reply, 201, (tx) => publishHouse(tx, deps, wish))
      changed(houseId)
      return { house_id: houseId }
    },
  )

  app.get(
    '/users/houses/:id',
    own('readOwnHouse', 'An own house as it is edited', { params: IdParams, response: { 200: OwnHouseView } }),
    (request) => readOwnHouse(deps, { hostId: request.account.id, houseId: request.params.id }),
  )

  app.put(
    '/users/houses/:id',
    own('editHouse', 'Replace what is said about an own house; orders keep what was agreed', {
      params: IdParams,
      body: HouseInfoBody,
      response: { 200: OwnHouseView },
    }),
    async (request) => {
      const wish = { hostId: request.account.id, houseId: request.params.id }
      await deps.transact((tx) => editHouse(tx, deps, { ...wish, body: request.body }))
      changed(wish.houseId)
      return readOwnHouse(deps, wish)
    },
  )

  app.put(
    '/users/houses/:id/listed',
    own('listHouse', 'Take an own house off the market or put it back; existing orders stand', {
      params: IdParams,
      body: ListedBody,
      response: { 200: HouseStateView },
    }),
    async (request) => {
      const { listed } = request.body
      const wish = { hostId: request.account.id, houseId: request.params.id, listed }
      const { open_orders } = await deps.transact((tx) => listHouse(tx, deps, wish))
      changed(wish.houseId)
      return { state: listed ? ('listed' as const) : ('unlisted' as const), open_orders }
    },
  )

  app.post(
    '/users/house-drafts',
    own('beginDraft', 'Keep what has been typed about a house that is not published yet', {
      body: DraftBody,
      response: { 201: DraftView },
    }),
    async (request, reply) => {
      const draft = await beginDraft(deps, request.account.id, request.body)
      reply.code(201)
      return draft
    },
  )

  app.get(
    '/users/house-drafts/:id',
    own('readDraft', 'An own draft, with the step where one left', { params: IdParams, response: { 200: DraftView } }),
    (request) => readDraft(deps, request.account.id, request.params.id),
  )

  app.put(
    '/users/house-drafts/:id',
    own('saveDraft', 'Replace an own draft', { params: IdParams, body: DraftBody, response: { 200: DraftView } }),
    (request) => saveDraft(deps, { userId: request.account.id, draftId: request.params.id, draft: request.body }),
  )

  app.delete(
    '/users/house-drafts/:id',
    own('dropDraft', 'Throw an own draft away', { params: IdParams, response: { 200: Nothing } }),
    async (request) => {
      await dropDraft(deps, request.account.id, request.params.id)
      return null
    },
  )
}
