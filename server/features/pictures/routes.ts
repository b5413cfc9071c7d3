import path from 'node:path'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { PICTURE_WIDTHS } from '@ihome/contract/pictures'
import Type from 'typebox'
import type { Deps } from '../../platform/deps.ts'
import { StorageFault } from '../../platform/file-store.ts'
import { Refusal } from '../../platform/refusal.ts'

/** Exactly the names that pictures.ts makes. Nothing else is asked of the store, so no name can lead out of it. */
const PICTURE_NAME = new RegExp(`^[0-9a-z]{16,64}-(?:${PICTURE_WIDTHS.join('|')})\\.(?:avif|webp)$`)

const TYPES: Readonly<Record<string, string>> = { '.avif': 'image/avif', '.webp': 'image/webp' }

/** Stored pictures. Keys are never used twice, so an answer may be kept for ever. */
export const pictureRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  app.get(
    '/uploads/:name',
    {
      config: { access: 'anyone', envelope: false },
      schema: {
        tags: ['pictures'],
        operationId: 'readPicture',
        summary: 'A stored picture',
        params: Type.Object({ name: Type.String() }),
      },
    },
    async (request, reply) => {
      const { name } = request.params
      if (!PICTURE_NAME.test(name)) throw new Refusal('not_found')
      const file = await deps.files.open(name).catch((cause: unknown) => {
        if (cause instanceof StorageFault) throw new Refusal('storage_unavailable', {}, { cause, retryAfterS: 5 })
        throw cause
      })
      if (!file) throw new Refusal('not_found')
      reply.header('cache-control', 'public, max-age=31536000, immutable')
      reply.type(TYPES[path.extname(name)] ?? 'application/octet-stream')
      if (file.bytes !== undefined) reply.header('content-length', file.bytes)
      return reply.send(file.body)
    },
  )
}
