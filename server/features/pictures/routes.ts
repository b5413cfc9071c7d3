import fs from 'node:fs/promises'
import path from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { PICTURE_WIDTHS } from '@ihome/contract/pictures'
import Type from 'typebox'
import type { Deps } from '../../platform/deps.ts'
import { Refusal } from '../../platform/refusal.ts'

/** Exactly the names that pictures.ts makes. Nothing else is looked for on the disk, so no path can lead out of it. */
const PICTURE_NAME = new RegExp(`^[0-9a-z]{16,64}-(?:${PICTURE_WIDTHS.join('|')})\\.(?:avif|webp)$`)

const TYPES: Readonly<Record<string, string>> = { '.avif': 'image/avif', '.webp': 'image/webp' }

/** Stored pictures. Keys are never used twice, so an answer may be kept for ever. */
export const pictureRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  const root = deps.config.uploadDir
  await fs.mkdir(root, { recursive: true })
  await app.register(fastifyStatic, { root, serve: false })

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
      if (!PICTURE_NAME.test(name) || !(await isThere(path.join(root, name)))) throw new Refusal('not_found')
      reply.header('cache-control', 'public, max-age=31536000, immutable')
      reply.type(TYPES[path.extname(name)] ?? 'application/octet-stream')
      return reply.sendFile(name, root, { cacheControl: false, dotfiles: 'deny' })
    },
  )
}

async function isThere(file: string): Promise<boolean> {
  try {
    return (await fs.stat(file)).isFile()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}
