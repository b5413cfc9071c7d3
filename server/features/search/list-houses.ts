import type { HouseListQuery, HouseListView } from '@ihome/contract/schemas/houses'
import { dayInShanghai } from '@ihome/core/calendar'
import type { Deps } from '../../platform/deps.ts'
import type { ReadCache } from '../../platform/read-cache.ts'
import { Refusal } from '../../platform/refusal.ts'
import { readAreas } from '../houses/read-houses.ts'
import { viewOfCard } from '../houses/views.ts'
import { type Cursor, readCursor, writeCursor } from './cursor.ts'
import { type ListFilter, readListFilter, readPage } from './list-filter.ts'
import { EXAMINED_MAX, type ListedCard, lastExamined, listAfter, listPage, type Place } from './store.ts'

type Needs = Pick<Deps, 'db' | 'config' | 'clock'> & { readonly cache: ReadCache }

/**
 * Houses to rent: those of an area, free for the wished nights, in one of four orders, a page at a time. Says no with
 * `dates_invalid` and `area_not_found`. Lists that ask for nights are never answered from memory, since any booking
 * changes them.
 */
export async function listHouses(needs: Needs, query: HouseListQuery): Promise<HouseListView> {
  const { config, clock, cache } = needs
  const { horizonDays, nightsMax, listCacheS } = config.limits
  const filter = readListFilter(query, { today: dayInShanghai(clock.now()), horizonDays, nightsMax })
  if (filter.areaId !== undefined && !(await readAreas(needs)).some(({ id }) => id === filter.areaId)) {
    throw new Refusal('area_not_found')
  }
  const cursor = readCursor(query.cursor, filter.sort)
  const page = readPage(query.p)
  const load = () => (cursor ? goOn(needs, filter, cursor) : startAt(needs, filter, page))
  if (filter.stay) return load()
  const position = cursor ? writeCursor(cursor) : `p${page}`
  return cache.read({
    topic: 'houses',
    key: `list:${filter.areaId ?? 'all'}:${filter.sort}:${position}`,
    ttlS: listCacheS,
    load,
    worthKeeping: ({ houses }) => houses.length > 0,
  })
}

async function startAt({ db, config }: Needs, filter: ListFilter, page: number): Promise<HouseListView> {
  const size = config.limits.listPage
  const offset = Math.min((page - 1) * size, EXAMINED_MAX)
  const { total, cards } = await listPage(db, filter, size + 1, offset)
  const boundMet = filter.stay !== undefined || offset + size >= EXAMINED_MAX
  return pageOf({ db, size, filter, cards, page, totalPage: Math.ceil(total / size), boundMet })
}

async function goOn({ db, config }: Needs, filter: ListFilter, cursor: Cursor): Promise<HouseListView> {
  const size = config.limits.listPage
  const cards = await listAfter(db, filter, size + 1, cursor)
  const boundMet = filter.stay !== undefined
  const { page, totalPage } = cursor
  return pageOf({ db, size, filter, cards, page: page + 1, totalPage, after: cursor, boundMet })
}

interface Found {
  readonly db: Deps['db']
  readonly size: number
  readonly filter: ListFilter
  /** One more than a page, if there is more. */
  readonly cards: readonly ListedCard[]
  readonly page: number
  readonly totalPage: number
  readonly after?: Place
  /** Whether the search may have stopped at its bound instead of at the end. */
  readonly boundMet: boolean
}

async function pageOf(found: Found): Promise<HouseListView> {
  const { size, filter, cards, page, totalPage } = found
  const shown = cards.slice(0, size)
  const last = cards.length > size ? shown.at(-1) : await whereTheSearchStopped(found)
  return {
    houses: shown.map(viewOfCard),
    total_page: totalPage,
    current_page: page,
    next_cursor: last ? writeCursor({ sort: filter.sort, place: last.place, id: last.id, page, totalPage }) : null,
  }
}

/** A search that found less than a page goes on from its bound, if that is what stopped it. */
const whereTheSearchStopped = async ({ db, filter, after, boundMet }: Found): Promise<Place | undefined> =>
  boundMet ? lastExamined(db, filter, after) : undefined
