import fs from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { PICTURE_WIDTHS } from '@ihome/contract/pictures'
import sharp, { type Sharp } from 'sharp'

/**
 * Makes `server/seed/photos/` from a folder of renderings with their `index.json`. Run by hand when the renderings
 * change; its results are committed, so that a first start need not encode anything.
 *
 * `node_modules/.bin/tsx server/seed/prepare-photos.ts <folder>`
 */
const TARGET = path.join(path.dirname(fileURLToPath(import.meta.url)), 'photos')

/** Found by eye: better than this is not seen at the size it is shown. */
const AVIF_QUALITY = { 360: 50, 640: 46, 960: 42 } as const
const WEBP_QUALITY = { 360: 62, 640: 58, 960: 56 } as const

/** What a picture on a card may weigh: 360 pixels are drawn at 1×, 640 at 2× (experience.md UX3). Leaves weigh the most. */
const MOST_ON_A_CARD = 12 * 1_024
const MOST_BYTES = { 360: MOST_ON_A_CARD, 640: MOST_ON_A_CARD, 960: Number.POSITIVE_INFINITY } as const
const WORST_QUALITY = 20

interface Rendering {
  readonly home: number
  readonly scene: string
  readonly file: string
  readonly alt_zh: string
}

/** As good as its weight allows. */
async function lightAvif(picture: Sharp, width: (typeof PICTURE_WIDTHS)[number]): Promise<Buffer> {
  for (let quality: number = AVIF_QUALITY[width]; quality >= WORST_QUALITY; quality -= 2) {
    const avif = await picture.clone().avif({ quality, effort: 5 }).toBuffer()
    if (avif.length <= MOST_BYTES[width]) return avif
  }
  throw new RangeError('a picture is too heavy for a card')
}

async function prepare(source: string): Promise<void> {
  const renderings = JSON.parse(await fs.readFile(path.join(source, 'index.json'), 'utf8')) as Rendering[]
  for (const { file } of renderings) {
    const input = await fs.readFile(path.join(source, file))
    const name = path.basename(file, '.webp')
    for (const width of PICTURE_WIDTHS) {
      const resized = sharp(input).resize(width, Math.round((width * 2) / 3), { fit: 'cover' })
      const webp = resized.clone().webp({ quality: WEBP_QUALITY[width], effort: 6 })
      await fs.writeFile(path.join(TARGET, `${name}-${width}.avif`), await lightAvif(resized, width))
      await webp.toFile(path.join(TARGET, `${name}-${width}.webp`))
    }
  }
  const captions = renderings.map(({ home, scene, file, alt_zh }) => ({
    home,
    scene,
    name: path.basename(file, '.webp'),
    caption: `${alt_zh} · 示例图`,
  }))
  await fs.writeFile(path.join(TARGET, 'index.json'), `${JSON.stringify(captions, null, 2)}\n`)
}

const source = process.argv[2]
if (!source) throw new Error('Name the folder that holds the renderings and their index.json.')
await prepare(source)
