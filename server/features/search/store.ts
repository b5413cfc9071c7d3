import type { DropView, HouseSort } from '@ihome/contract/schemas/houses'
import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../platform/db.ts'
import type { CardRow } from '../houses/views.ts'
import type { ListFilter } from './list-filter.ts'
import { allHold, conjunction, wishesOf } from './wishes.ts'

/**
 * How many houses a search looks at, in the order of the list, before it gives what it has found. Without a bound a
 * long stay in a full season walks the whole table: seconds at a million houses instead of milliseconds.
 */
export const EXAMINED_MAX = 5_000
/** Counting stops here; the page says "1000+". */
export const COUNTED_MAX = 1_001

/** The place of a house in the list, as a cursor keeps it, and where in the list it stands. */
export interface Place {
  readonly place: string
  readonly id: number
}

export interface ListedCard extends CardRow {
  readonly photo_count: number
  readonly place: string
}

interface Order {
  readonly column: RawBuilder<unknown>
  readonly cast: RawBuilder<unknown>
  readonly descending: boolean
}

const ORDERS: Readonly<Record<HouseSort, Order>> = {
  new: { column: sql`h.created_at`, cast: sql`::timestamptz`, descending: true },
  booking: { column: sql`h.order_count`, cast: sql`::integer`, descending: true },
  'price-inc': { column: sql`h.price_fen`, cast: sql`::bigint`, descending: false },
  'price-des': { column: sql`h.price_fen`, cast: sql`::bigint`, descending: true },
}

/** The id breaks ties, so that houses of one price keep their order from page to page. */
function orderBy(sort: HouseSort): RawBuilder<unknown> {
  const { column, descending } = ORDERS[sort]
  return descending ? sql`order by ${column} desc, h.id desc` : sql`order by ${column}, h.id`
}

/** Listed houses of the area with `fits`, whether all wishes hold, in the order of the list. */
function examined(columns: RawBuilder<unknown>, filter: ListFilter, after?: Place) {
  const { areaId, sort } = filter
  const { column, cast, descending } = ORDERS[sort]
  const inArea = areaId === undefined ? sql`` : sql`and h.area_id = ${areaId}`
  const from = after
    ? sql`and (${column}, h.id) ${descending ? sql`<` : sql`>`} (${after.place}${cast}, ${after.id}::bigint)`
    : sql``
  return sql`select ${columns}, ${allHold(wishesOf(filter))} as fits from houses h where h.listed ${inArea} ${from}
             ${orderBy(sort)} limit ${EXAMINED_MAX}::integer`
}

const CARD = sql`h.id, h.title, h.price_fen, h.area_id, h.user_id, h.index_image_key, h.room_count, h.order_count,
                 h.instant, h.review_count, h.score_sum, h.address, h.created_at`

/** Houses that fit as cards, in one statement. */
function cardsOf(filter: ListFilter, limit: number, offset: number, after?: Place) {
  const outer = orderBy(filter.sort)
  return sql`
    select h.id, h.title, h.price_fen, a.name as area_name, h.index_image_key, cover.caption as cover_caption,
           (select count(*)::integer from house_photos p where p.house_id = h.id) as photo_count,
           h.room_count, h.order_count, h.instant, h.review_count, h.score_sum, h.address,
           h.created_at, u.name as host_name, u.phone as host_phone,
           u.avatar_key as host_avatar_key, ${ORDERS[filter.sort].column}::text as place
    from (select h.* from (${examined(CARD, filter, after)}) h where h.fits ${outer}
          limit ${limit}::integer offset ${offset}::integer) h
    join areas a on a.id = h.area_id
    join users u on u.id = h.user_id
    left join house_photos cover on cover.storage_key = h.index_image_key
    ${outer}`
}

export interface CountedCards {
  readonly total: number
  readonly cards: ListedCard[]
}

type Nullable<T> = { readonly [K in keyof T]: T[K] | null }

/** The number of houses of the list, up to {@link COUNTED_MAX}. */
const countOf = (filter: ListFilter) => sql<number>`
  select count(*)::integer as total
  from (select 1 from (${examined(sql`h.id`, filter)}) h where h.fits limit ${COUNTED_MAX}::integer) c`

export async function countHouses(db: Db, filter: ListFilter): Promise<number> {
  const { rows } = await sql<{ total: number }>`${countOf(filter)}`.execute(db)
  return rows[0]?.total ?? 0
}

/**
 * Of a list without houses: how many there would be without each single wish, in one statement. Wishes that change
 * nothing alone are left out; the one that leaves most comes first.
 */
export async function countWithoutEach(db: Db, filter: ListFilter): Promise<DropView[]> {
  const wishes = wishesOf(filter)
  const counts = wishes.map(
    (left, index) =>
      sql`count(*) filter (where ${conjunction(wishes.filter((wish) => wish !== left))})::integer as ${sql.ref(`w${index}`)}`,
  )
  const inArea = filter.areaId === undefined ? sql`` : sql`and h.area_id = ${filter.areaId}`
  const near = sql`select ${sql.join([sql`count(*)::integer as examined`, ...counts])}
    from (select h.* from houses h where h.listed ${inArea} ${orderBy(filter.sort)} limit ${EXAMINED_MAX}::integer) h`
  const { rows } = await sql<Record<string, number>>`
    select near.*, (${filter.areaId === undefined ? sql`0` : countOf({ ...filter, areaId: undefined })}) as area
    from (${near}) near`.execute(db)
  const found = rows[0] ?? {}
  const drops = wishes.map(
    ({ wish, facility }, index): DropView => ({
      wish,
      ...(facility === undefined ? {} : { facility }),
      count: found[`w${index}`] ?? 0,
    }),
  )
  return [{ wish: 'aid' as const, count: found.area ?? 0 }, ...drops]
    .filter(({ count }) => count > 0)
    .sort((one, other) => other.count - one.count)
}

/** A page by its offset, with the number of houses of the whole list, counted up to {@link COUNTED_MAX}. */
export async function listPage(db: Db, filter: ListFilter, limit: number, offset: number): Promise<CountedCards> {
  const { rows } = await sql<Nullable<ListedCard> & { readonly total: number }>`
    select counted.total, page.*
    from (${countOf(filter)}) counted
    left join lateral (${cardsOf(filter, limit, offset)}) page on true`.execute(db)
  return { total: rows[0]?.total ?? 0, cards: rows.filter(isCard) }
}

const isCard = <T extends Nullable<ListedCard>>(row: T): row is T & ListedCard => row.id !== null

/** What follows after `place`. */
export async function listAfter(db: Db, filter: ListFilter, limit: number, place: Place): Promise<ListedCard[]> {
  const { rows } = await sql<ListedCard>`${cardsOf(filter, limit, 0, place)}`.execute(db)
  return rows
}

/** The last house that a search after `after` looked at, when the bound and not the end of the list stopped it. */
export async function lastExamined(db: Db, filter: ListFilter, after?: Place): Promise<Place | undefined> {
  const columns = sql`h.id, ${ORDERS[filter.sort].column}::text as place`
  const { rows } = await sql<Place>`
    select e.id, e.place from (${examined(columns, filter, after)}) e offset ${EXAMINED_MAX - 1}::integer limit 1`.execute(
    db,
  )
  return rows[0]
}
