import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IdParams, Nothing } from '@ihome/contract/schemas/fields'
import { OrderStatusView } from '@ihome/contract/schemas/orders'
import {
  CommentBody,
  ReplyBody,
  ReplyView,
  ReviewListQuery,
  ReviewListView,
  ReviewPhotoParams,
  ReviewPhotoView,
} from '@ihome/contract/schemas/reviews'
import { writtenText } from '@ihome/core/text'
import type { Deps } from '../../platform/deps.ts'
import { countUse } from '../../platform/rate-limits.ts'
import { createReadCache } from '../../platform/read-cache.ts'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'
import { announceMove } from '../orders/order-messages.ts'
import { PHOTO_BYTES, readUpload, takeUploads, uploadBodyLimit } from '../pictures/take-upload.ts'
import { commentOrder } from './comment-order.ts'
import { readReviews } from './read-reviews.ts'
import { addReviewPhoto, removeReviewPhoto } from './review-photos.ts'
import { saveReply } from './review-store.ts'

const TEXT_LENGTH = 500
const HOUR_S = 3_600
const tags = ['orders']
const signedIn = { access: 'signed_in' } as const

function textFrom(field: string, text: string): string {
  const written = writtenText(text, TEXT_LENGTH)
  if (written === undefined) throw inputInvalid({ field, reason: `must be 1 to ${TEXT_LENGTH} characters` })
  return written
}

export const reviewRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  await takeUploads(app)
  const cached = { ...deps, cache: createReadCache(deps) }

  app.put(
    '/orders/:id/comment',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'commentOrder',
        summary: 'The guest writes about a stay, once, with stars and photos; the order is complete',
        params: IdParams,
        body: CommentBody,
        response: { 200: OrderStatusView },
      },
    },
    async (request) => {
      const { stars, photos } = request.body
      const comment = textFrom('comment', request.body.comment)
      if (photos && new Set(photos).size !== photos.length)
        throw inputInvalid({ field: 'photos', reason: 'must differ' })
      const wish = { orderId: request.params.id, guestId: request.account.id, comment, stars, photos }
      const moved = await commentOrder(deps, wish)
      announceMove(deps.events, moved)
      return { status: moved.status }
    },
  )

  app.post(
    '/orders/:id/comment/photos',
    {
      config: signedIn,
      bodyLimit: uploadBodyLimit(PHOTO_BYTES),
      schema: {
        tags,
        operationId: 'addReviewPhoto',
        summary: 'A photo for the review that the guest is about to write: a form with the file photo',
        params: IdParams,
        consumes: ['multipart/form-data'],
        response: { 201: ReviewPhotoView },
      },
    },
    async (request, reply) => {
      const guestId = request.account.id
      const allowance = { key: `upload:${guestId}`, limit: deps.config.limits.uploadsPerHour, windowS: HOUR_S }
      const { open, retryAfterS } = await countUse(deps.db, allowance, deps.clock.now())
      if (!open) throw new Refusal('rate_limited', {}, { retryAfterS })
      const { bytes } = await readUpload(request, 'photo', PHOTO_BYTES)
      const key = await addReviewPhoto(deps, { orderId: request.params.id, guestId, bytes })
      reply.code(201)
      return { key }
    },
  )

  app.delete(
    '/orders/:id/comment/photos/:key',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'removeReviewPhoto',
        summary: 'Take a photo back before the review is written',
        params: ReviewPhotoParams,
        response: { 200: Nothing },
      },
    },
    async (request) => {
      const { id, key } = request.params
      await removeReviewPhoto(deps, { orderId: id, guestId: request.account.id, key })
      return null
    },
  )

  app.put(
    '/orders/:id/reply',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'replyToReview',
        summary: 'The host answers a review, once',
        params: IdParams,
        body: ReplyBody,
        response: { 200: ReplyView },
      },
    },
    async (request) => {
      const reply = textFrom('reply', request.body.reply)
      const wish = { orderId: request.params.id, hostId: request.account.id, reply, at: deps.clock.now() }
      const houseId = await saveReply(deps.db, wish)
      if (houseId === undefined) throw new Refusal('step_refused')
      deps.events.publish({ kind: 'house_changed', houseId })
      return { reply }
    },
  )

  app.get(
    '/house/:id/reviews',
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['houses'],
        operationId: 'listReviews',
        summary: 'The reviews of a house, newest first, by cursor, with the means of their stars',
        params: IdParams,
        querystring: ReviewListQuery,
        response: { 200: ReviewListView },
      },
    },
    (request) => readReviews(cached, { houseId: request.params.id, cursor: request.query.cursor }),
  )
}
