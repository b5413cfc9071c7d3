import { PICTURE_WIDTHS, type PictureFormat } from '@ihome/contract/pictures'
import sharp from 'sharp'
import { Refusal } from '../../platform/refusal.ts'

export type PictureShape = 'photo' | 'avatar'

export interface DrawnSize {
  readonly width: (typeof PICTURE_WIDTHS)[number]
  readonly format: PictureFormat
  readonly bytes: Buffer
}

const MOST_PIXELS = 40_000_000
const MOST_SECONDS = 20

// The library can read many formats, some of them programs or drawings with links in them. It gets three.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'],
})
// Pictures are drawn beside requests: a single core each, and no memory kept between two.
sharp.concurrency(1)
sharp.cache(false)

/** By their first bytes; names and declared types are only claims. */
function isPicture(bytes: Buffer): boolean {
  const starts = (signature: readonly number[], at = 0) =>
    bytes.length >= at + signature.length && signature.every((byte, index) => bytes[at + index] === byte)
  const jpeg = starts([0xff, 0xd8, 0xff])
  const png = starts([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const webp = starts([0x52, 0x49, 0x46, 0x46]) && starts([0x57, 0x45, 0x42, 0x50], 8)
  return jpeg || png || webp
}

const refusal = (reason: 'not_a_picture' | 'broken' | 'too_many_pixels', cause?: unknown) =>
  new Refusal('file_invalid', { reason }, { cause })

/**
 * Draws the picture anew from its pixels in every size: whatever else the file carried, such as where it was taken or
 * a program behind it, does not come along. The camera's turn is applied first.
 *
 * Says no with `file_invalid`: `not_a_picture` when it is no JPEG, PNG or WebP, `too_many_pixels`, `broken`.
 */
export const redraw = (bytes: Buffer, shape: PictureShape): Promise<DrawnSize[]> => inTurn(() => draw(bytes, shape))

async function draw(bytes: Buffer, shape: PictureShape): Promise<DrawnSize[]> {
  if (!isPicture(bytes)) throw refusal('not_a_picture')
  const options = { failOn: 'error', limitInputPixels: MOST_PIXELS, sequentialRead: true, pages: 1 } as const
  const { width = 0, height = 0 } = await sharp(bytes, options)
    .metadata()
    .catch((cause: unknown) => {
      throw refusal(saysTooLarge(cause) ? 'too_many_pixels' : 'broken', cause)
    })
  if (width * height > MOST_PIXELS) throw refusal('too_many_pixels')

  const widths = shape === 'avatar' ? PICTURE_WIDTHS.slice(0, 1) : PICTURE_WIDTHS
  const heightOf = (size: number) => (shape === 'avatar' ? size : Math.round((size * 2) / 3))
  const largest = widths.at(-1) ?? PICTURE_WIDTHS[0]
  // Decoded once, to the largest size; the smaller ones are drawn from that.
  const { data, info } = await sharp(bytes, options)
    .autoOrient()
    .resize(largest, heightOf(largest), { fit: 'cover' })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .timeout({ seconds: MOST_SECONDS })
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      throw refusal(saysTooLarge(cause) ? 'too_many_pixels' : 'broken', cause)
    })
  const raw = { width: info.width, height: info.height, channels: info.channels }
  const sizes: DrawnSize[] = []
  for (const size of widths) {
    const scaled = () => sharp(data, { raw }).resize(size, heightOf(size))
    // Effort 1 of AVIF is a third smaller than WebP in a third of a second; more effort buys a tenth for seconds.
    sizes.push({ width: size, format: 'avif', bytes: await scaled().avif({ quality: 50, effort: 1 }).toBuffer() })
    sizes.push({ width: size, format: 'webp', bytes: await scaled().webp({ quality: 76, effort: 3 }).toBuffer() })
  }
  return sizes
}

const saysTooLarge = (error: unknown): boolean => error instanceof Error && /pixel limit|too large/i.test(error.message)

/** How many pictures are drawn at once: each may hold 160 MB of pixels for a moment. */
const AT_ONCE = 2
let running = 0
const waiting: (() => void)[] = []

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve))
  else running += 1
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    // The place goes straight to who waits longest, so no newcomer takes it in between.
    if (next) next()
    else running -= 1
  }
}
