import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'

const MIB = 1_048_576
/** What a file may weigh (product.md 2.6), in bytes. */
export const PHOTO_BYTES = 10 * MIB
export const AVATAR_BYTES = 5 * MIB

/** Text beside a file: the number of a house, an order, a position. */
const MOST_FIELDS = 4
const FIELD_BYTES = 200
/** Boundaries, headers and fields around the file. */
const AROUND_BYTES = 16_384

/** The limit for the whole body of a route that takes a file; goes beside `config` in the route's options. */
export const uploadBodyLimit = (fileBytes: number): number => fileBytes + AROUND_BYTES

/** Lets the routes of this plugin, and of no other, take forms with a file. */
export async function takeUploads(app: FastifyInstance): Promise<void> {
  await app.register(multipart, { throwFileSizeLimit: true })
}

export interface Upload {
  readonly bytes: Buffer
  /** The other fields of the form, as text. */
  readonly fields: Readonly<Record<string, string>>
}

/**
 * Reads a form that carries one file in the field `name`. Says no with `media_type_unsupported`, `body_too_large`,
 * and `input_invalid` when the file is missing or another field carries one.
 */
export async function readUpload(request: FastifyRequest, name: string, fileBytes: number): Promise<Upload> {
  if (!request.isMultipart()) throw new Refusal('media_type_unsupported')
  const fields: Record<string, string> = {}
  let bytes: Buffer | undefined
  const limits = {
    fileSize: fileBytes,
    files: 1,
    fields: MOST_FIELDS,
    parts: MOST_FIELDS + 1,
    fieldSize: FIELD_BYTES,
    fieldNameSize: 64,
    headerPairs: 20,
  }
  for await (const part of request.parts({ limits })) {
    if (part.type === 'file') {
      const content = await part.toBuffer()
      if (part.fieldname !== name) throw inputInvalid({ field: part.fieldname, reason: 'is not expected' })
      bytes = content
    } else if (typeof part.value === 'string') fields[part.fieldname] = part.value
  }
  if (!bytes) throw inputInvalid({ field: name, reason: 'must be a file' })
  return { bytes, fields }
}
