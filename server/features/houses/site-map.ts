import type { Deps } from '../../platform/deps.ts'
import { highestHouseId, listedHousesFrom } from './site-map-store.ts'

/** The most addresses that one site map may name (sitemaps.org, protocol 0.9). */
const MOST_ADDRESSES = 50_000

/** How many parts the map of all houses has. Houses stay in their part, so that a part changes only with its houses. */
export const countSiteMapParts = async ({ db }: Pick<Deps, 'db'>): Promise<number> =>
  Math.floor((await highestHouseId(db)) / MOST_ADDRESSES) + 1

/** The listed houses of a part, counted from 1, with the instant of their last change. */
export async function readSiteMapPart({ db }: Pick<Deps, 'db'>, part: number): Promise<{ id: number; at: Date }[]> {
  const from = (part - 1) * MOST_ADDRESSES
  const rows = await listedHousesFrom(db, from, from + MOST_ADDRESSES)
  return rows.map(({ id, updated_at }) => ({ id: Number(id), at: updated_at }))
}
