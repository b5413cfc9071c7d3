import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { pictureUrl } from '@ihome/contract/pictures'
import { IdParams } from '@ihome/contract/schemas/fields'
import { KeptPhotoView, PhotoOrderBody, PhotoParams, PhotosView } from '@ihome/contract/schemas/hosting'
import type { Deps } from '../../platform/deps.ts'
import { countUse } from '../../platform/rate-limits.ts'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'
import { PHOTO_BYTES, readUpload, takeUploads, uploadBodyLimit } from '../pictures/take-upload.ts'
import { addPhoto, orderPhotos, removePhoto } from './house-photos.ts'

const tags = ['houses']
const signedIn = { access: 'signed_in' } as const
const HOUR_S = 3_600

/** The photos of own houses. */
export const photoRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  await takeUploads(app)
  const changed = (houseId: number) => deps.events.publish({ kind: 'house_changed', houseId })

  app.post(
    '/house/image',
    {
      config: signedIn,
      bodyLimit: uploadBodyLimit(PHOTO_BYTES),
      schema: {
        tags,
        operationId: 'addPhoto',
        summary: 'Add a photo to an own house: a form with house_id and the file house_image; the first is the cover',
        consumes: ['multipart/form-data'],
        response: { 201: KeptPhotoView },
      },
    },
    async (request, reply) => {
      const hostId = request.account.id
      // Drawing a picture is the dearest thing a person can ask for.
      const allowance = { key: `upload:${hostId}`, limit: deps.config.limits.uploadsPerHour, windowS: HOUR_S }
      const { open, retryAfterS } = await countUse(deps.db, allowance, deps.clock.now())
      if (!open) throw new Refusal('rate_limited', {}, { retryAfterS })
      const { bytes, fields } = await readUpload(request, 'house_image', PHOTO_BYTES)
      const houseId = Number(/^[1-9]\d{0,14}$/.exec(fields.house_id ?? '')?.[0])
      if (Number.isNaN(houseId)) throw inputInvalid({ field: 'house_id', reason: 'must be the number of a house' })
      const key = await addPhoto(deps, { hostId, houseId, bytes })
      changed(houseId)
      reply.code(201)
      return { image_url: pictureUrl(key, 960, 'webp'), key }
    },
  )

  app.put(
    '/users/houses/:id/photos',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'orderPhotos',
        summary: 'Put the photos of an own house in order; the first is the cover',
        params: IdParams,
        body: PhotoOrderBody,
        response: { 200: PhotosView },
      },
    },
    async (request) => {
      const houseId = request.params.id
      const photos = await orderPhotos(deps, { hostId: request.account.id, houseId, keys: request.body.keys })
      changed(houseId)
      return { photos }
    },
  )

  app.delete(
    '/users/houses/:id/photos/:key',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'removePhoto',
        summary: 'Take a photo of an own house away; the last one stays',
        params: PhotoParams,
        response: { 200: PhotosView },
      },
    },
    async (request) => {
      const { id: houseId, key } = request.params
      const photos = await removePhoto(deps, { hostId: request.account.id, houseId, key })
      changed(houseId)
      return { photos }
    },
  )
}
