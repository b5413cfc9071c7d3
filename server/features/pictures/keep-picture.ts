import { PICTURE_WIDTHS, type PictureFormat } from '@ihome/contract/pictures'
import type { Deps } from '../../platform/deps.ts'
import { StorageFault } from '../../platform/file-store.ts'
import { Refusal } from '../../platform/refusal.ts'
import { type PictureShape, redraw } from './redraw.ts'

/** The file of one size of a picture, as it is stored and asked for. */
export const fileName = (key: string, width: (typeof PICTURE_WIDTHS)[number], format: PictureFormat): string =>
  `${key}-${width}.${format}`

/**
 * Keeps what a person sent as a picture, drawn anew in every size, and gives its key: the address of a size is
 * `pictureUrl(key, …)`. The key is random and never used again, so nothing is ever overwritten; who replaces a
 * picture writes the new key and afterwards calls {@link dropPicture} with the old one.
 *
 * `photo` is cropped to 3:2, `avatar` to a square. Call it with no transaction open: it takes part of a second.
 * Says no with `file_invalid` (reason `not_a_picture`, `broken` or `too_many_pixels`) and `storage_unavailable`;
 * nothing is kept then.
 */
export async function keepPicture(
  { files, random, log }: Pick<Deps, 'files' | 'random' | 'log'>,
  bytes: Buffer,
  shape: PictureShape,
): Promise<string> {
  const sizes = await redraw(bytes, shape)
  const key = random.bytes(16).toString('hex')
  const written: string[] = []
  try {
    for (const { width, format, bytes: drawn } of sizes) {
      const name = fileName(key, width, format)
      await files.put(name, drawn, `image/${format}`)
      written.push(name)
    }
  } catch (cause) {
    if (!(cause instanceof StorageFault)) throw cause
    log.warn({ err: cause }, 'storage_unavailable')
    await Promise.allSettled(written.map((name) => files.remove(name)))
    throw new Refusal('storage_unavailable', {}, { cause, retryAfterS: 5 })
  }
  return key
}

/** Forgets a picture that no row names any more. A file that cannot be reached now stays behind and does no harm. */
export async function dropPicture({ files, log }: Pick<Deps, 'files' | 'log'>, key: string): Promise<void> {
  const names = PICTURE_WIDTHS.flatMap((width) =>
    (['avif', 'webp'] as const).map((format) => fileName(key, width, format)),
  )
  const outcomes = await Promise.allSettled(names.map((name) => files.remove(name)))
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed) log.warn({ err: failed.reason }, 'picture_left_behind')
}
