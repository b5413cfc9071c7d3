import type { HouseCountQuery, HouseCountView, HouseListQuery, HouseListView } from '@ihome/contract/schemas/houses'
import { dayInShanghai } from '@ihome/core/calendar'
import type { Deps } from '../../platform/deps.ts'
import type { ReadCache } from '../../platform/read-cache.ts'
import { Refusal } from '../../platform/refusal.ts'
import { unevenTotals } from '../calendars/price-nights.ts'
import { readAreas } from '../houses/read-houses.ts'
import { viewOfCard } from '../houses/views.ts'
import { type Cursor, readCursor, writeCursor } from './cursor.ts'
import { type ListFilter, readListFilter, readPage } from './list-filter.ts'
import {
  COUNTED_MAX,
  countHouses,
  countWithoutEach,
  EXAMINED_MAX,
  type ListedCard,
  lastExamined,
  listAfter,
  listPage,
  type Place,
} from './store.ts'
import { wishesOf } from './wishes.ts'

type Needs = Pick<Deps, 'db' | 'config' | 'clock'> & { readonly cache: ReadCache }

async function filterOf(needs: Needs, query: HouseListQuery): Promise<ListFilter> {
  const { horizonDays, nightsMax } = needs.config.limits
  const filter = readListFilter(query, { today: dayInShanghai(needs.clock.now()), horizonDays, nightsMax })
  if (filter.areaId !== undefined && !(await readAreas(needs)).some(({ id }) => id === filter.areaId)) {
    throw new Refusal('area_not_found')
  }
  return filter
}

/** What tells one list from another in memory. Lists that ask for nights are not kept, so nights are not in it. */
const keyOf = (filter: ListFilter): string => JSON.stringify({ ...filter, sort: undefined, stay: undefined })

/**
 * Houses to rent: those of an area that fulfil every wish, in one of four orders, a page at a time; an empty first page
 * says which single wish stands in the way. Says no with `dates_invalid`, `area_not_found` and `input_invalid`. Lists
 * that ask for nights are never answered from memory, since any booking changes them.
 */
export async function listHouses(needs: Needs, query: HouseListQuery): Promise<HouseListView> {
  const { config, cache } = needs
  const { listCacheS } = config.limits
  const filter = await filterOf(needs, query)
  const cursor = readCursor(query.cursor, filter.sort)
  const page = readPage(query.p)
  const load = () => (cursor ? goOn(needs, filter, cursor) : startAt(needs, filter, page))
  if (filter.stay) return load()
  const position = cursor ? writeCursor(cursor) : `p${page}`
  return cache.read({
    topic: 'houses',
    key: `list:${keyOf(filter)}:${filter.sort}:${position}`,
    ttlS: listCacheS,
    load,
    worthKeeping: ({ houses }) => houses.length > 0,
  })
}

/** How many houses the wishes leave, counted up to a limit. Says no as {@link listHouses} does. */
export async function countFittingHouses(needs: Needs, query: HouseCountQuery): Promise<HouseCountView> {
  const { config, cache, db } = needs
  const filter = await filterOf(needs, query)
  const load = async () => {
    const total = await countHouses(db, filter)
    const more = total >= COUNTED_MAX
    return { count: more ? COUNTED_MAX - 1 : total, more }
  }
  if (filter.stay) return load()
  return cache.read({ topic: 'houses', key: `count:${keyOf(filter)}`, ttlS: config.limits.listCacheS, load })
}

async function startAt({ db, config }: Needs, filter: ListFilter, page: number): Promise<HouseListView> {
  const size = config.limits.listPage
  const offset = Math.min((page - 1) * size, EXAMINED_MAX)
  const { total, cards } = await listPage(db, filter, size + 1, offset)
  const boundMet = wishesOf(filter).length > 0 || offset + size >= EXAMINED_MAX
  return pageOf({ db, size, filter, cards, page, totalPage: Math.ceil(total / size), boundMet })
}

async function goOn({ db, config }: Needs, filter: ListFilter, cursor: Cursor): Promise<HouseListView> {
  const size = config.limits.listPage
  const cards = await listAfter(db, filter, size + 1, cursor)
  const boundMet = wishesOf(filter).length > 0
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
  const { db, size, filter, cards, page, totalPage } = found
  const shown = cards.slice(0, size)
  const totals = filter.stay
    ? await unevenTotals(
        db,
        shown.map(({ id }) => id),
        filter.stay,
      )
    : undefined
  const last = cards.length > size ? shown.at(-1) : await whereTheSearchStopped(found)
  return {
    houses: shown.map((card) => {
      const total = totals?.get(card.id)
      return {
        ...viewOfCard(card),
        photo_count: card.photo_count,
        ...(total === undefined ? {} : { stay_total: total }),
      }
    }),
    ...(shown.length === 0 && page === 1 ? { drops: await countWithoutEach(db, filter) } : {}),
    total_page: totalPage,
    current_page: page,
    next_cursor: last ? writeCursor({ sort: filter.sort, place: last.place, id: last.id, page, totalPage }) : null,
  }
}

/** A search that found less than a page goes on from its bound, if that is what stopped it. */
const whereTheSearchStopped = async ({ db, filter, after, boundMet }: Found): Promise<Place | undefined> =>
  boundMet ? lastExamined(db, filter, after) : undefined
