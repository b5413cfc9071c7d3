import fs from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { PICTURE_WIDTHS } from '@ihome/contract/pictures'

/** server/seed/photos, seen from server/seed when run from source and from server/dist when built. */
const SOURCE = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'seed', 'photos')

/** A prepared picture: which rendered home it shows, and what is seen on it. */
export interface DemoPicture {
  readonly home: number
  readonly scene: string
  readonly name: string
  readonly caption: string
}

export const readDemoPictures = async (): Promise<DemoPicture[]> =>
  JSON.parse(await fs.readFile(path.join(SOURCE, 'index.json'), 'utf8')) as DemoPicture[]

/** Puts a prepared picture under its storage key into the folder of uploads. Twice does no harm. */
export async function placePhoto(uploadDir: string, picture: string, key: string): Promise<void> {
  for (const width of PICTURE_WIDTHS) {
    for (const format of ['avif', 'webp']) {
      const from = path.join(SOURCE, `${picture}-${width}.${format}`)
      await linkOrCopy(from, path.join(uploadDir, `${key}-${width}.${format}`))
    }
  }
}

/** A link costs no space; across file systems it is not possible, and there a copy is made. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await fs.link(from, to)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST') return
    if (code !== 'EXDEV' && code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EACCES') throw error
    await fs.copyFile(from, to)
  }
}
