import { pictureUrl } from '@ihome/contract/pictures'
import type { Db } from '../../platform/db.ts'

/** What other features show of a house: its title, and the cover under an address that any client can load. */
export interface HouseCard {
  readonly id: number
  readonly title: string
  readonly coverKey: string | null
  readonly imgUrl: string | null
}

/** The houses with these ids in one statement; a house that does not exist is left out. */
export async function houseCards(db: Db, ids: readonly number[]): Promise<Map<number, HouseCard>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('houses')
    .select(['id', 'title', 'index_image_key'])
    .where('id', 'in', [...new Set(ids)])
    .execute()
  return new Map(
    rows.map(({ id, title, index_image_key: coverKey }) => [
      id,
      { id, title, coverKey, imgUrl: coverAddress(coverKey) },
    ]),
  )
}

/** The size of a cover for clients that do not choose one. */
export const coverAddress = (key: string | null): string | null => (key === null ? null : pictureUrl(key, 640, 'webp'))
