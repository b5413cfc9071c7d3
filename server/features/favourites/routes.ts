import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { FavouriteIdsView, FavouriteListQuery, FavouriteListView } from '@ihome/contract/schemas/favourites'
import { IdParams, Nothing, Nullable, strict } from '@ihome/contract/schemas/fields'
import { isCivilDate, type Stay } from '@ihome/core/calendar'
import Type from 'typebox'
import type { Deps } from '../../platform/deps.ts'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'
import { readCards } from '../houses/read-houses.ts'
import { viewOfCard } from '../houses/views.ts'
import { deleteHeart, type HeartPlace, insertHeart, listHearts } from './store.ts'

/** More than anybody looks through; it bounds the list of ids that every page of houses asks for. */
const HEARTS_MAX = 500
const PAGE = 20
const tags = ['houses']
const signedIn = { access: 'signed_in' } as const

const writePlace = ({ at, houseId }: HeartPlace): string =>
  Buffer.from(JSON.stringify([at, houseId])).toString('base64url')

const INSTANT = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?\+00$/

function readPlace(text: string): HeartPlace {
  try {
    const [at, houseId] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown[]
    const isOurs = typeof at === 'string' && INSTANT.test(at) && Number.isSafeInteger(houseId)
    if (isOurs && !Number.isNaN(Date.parse(at.replace(' ', 'T').replace('+00', 'Z')))) {
      return { at, houseId: Number(houseId) }
    }
  } catch {
    // Whatever it was, it was not written by us.
  }
  throw inputInvalid({ field: 'cursor', reason: 'is not ours' })
}

/** The nights that were asked about; dates that make no stay are none, since nothing is booked here. */
const stayOf = (sd: string | undefined, ed: string | undefined): Stay | undefined =>
  sd && ed && isCivilDate(sd) && isCivilDate(ed) && sd < ed ? { start_date: sd, end_date: ed } : undefined

/** The homes that a person keeps. */
export const favouriteRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  const { db, clock } = deps

  app.get(
    '/favourites/ids',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'listFavouriteIds',
        summary: 'Which homes I keep',
        response: { 200: FavouriteIdsView },
      },
    },
    async (request) => {
      const hearts = await listHearts(db, request.account.id, HEARTS_MAX)
      return { ids: hearts.map(({ houseId }) => houseId) }
    },
  )

  app.get(
    '/favourites',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'listFavourites',
        summary: 'The homes I keep, the newest heart first, by cursor',
        querystring: FavouriteListQuery,
        response: { 200: FavouriteListView },
      },
    },
    async (request) => {
      const { sd, ed, cursor } = request.query
      const after = cursor === undefined ? undefined : readPlace(cursor)
      const hearts = await listHearts(db, request.account.id, PAGE + 1, after)
      const shown = hearts.slice(0, PAGE)
      const stay = stayOf(sd, ed)
      const cards = await readCards(
        deps,
        shown.map(({ houseId }) => houseId),
        stay,
      )
      const last = shown.at(-1)
      return {
        favourites: shown.flatMap(({ houseId }) => {
          const card = cards.get(houseId)
          return card
            ? [
                {
                  house: { ...viewOfCard(card), photo_count: card.photo_count },
                  listed: card.listed,
                  free: stay ? card.free : null,
                },
              ]
            : []
        }),
        next_cursor: hearts.length > PAGE && last ? writePlace(last) : null,
      }
    },
  )

  app.put(
    '/favourites/:id',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'keepHouse',
        summary: 'Keep a home; keeping it twice is keeping it',
        params: IdParams,
        body: Nullable(Type.Object({}, strict)),
        response: { 200: Nothing },
      },
    },
    async (request) => {
      const heart = { userId: request.account.id, houseId: request.params.id, at: clock.now(), most: HEARTS_MAX }
      const isSet = await insertHeart(db, heart)
      if (isSet === undefined) throw new Refusal('house_not_found')
      if (!isSet) throw new Refusal('too_many_favourites', { most: HEARTS_MAX })
      return null
    },
  )

  app.delete(
    '/favourites/:id',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'dropHouse',
        summary: 'Keep a home no longer',
        params: IdParams,
        response: { 200: Nothing },
      },
    },
    async (request) => {
      await deleteHeart(db, request.account.id, request.params.id)
      return null
    },
  )
}
