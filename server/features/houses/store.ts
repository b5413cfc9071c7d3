import type { AreaView, FacilityView } from '@ihome/contract/schemas/houses'
import type { Stay } from '@ihome/core/calendar'
import type { CancelPolicy } from '@ihome/core/orders/cancel-rule'
import { sql } from 'kysely'
import type { Db } from '../../platform/db.ts'
import { STAR_MEANS } from './star-means.ts'
import type { CardRow, DetailRow } from './views.ts'

export const listAreas = (db: Db): Promise<AreaView[]> =>
  db.selectFrom('areas').select(['id', 'name']).orderBy('id').execute()

export const listFacilities = (db: Db): Promise<FacilityView[]> =>
  db.selectFrom('facilities').select(['id', 'name', 'icon']).orderBy('id').execute()

/** Houses with what a card shows, in one statement. The caller says which, in which order. */
export const cards = (db: Db) =>
  db
    .selectFrom('houses as h')
    .innerJoin('areas as a', 'a.id', 'h.area_id')
    .innerJoin('users as u', 'u.id', 'h.user_id')
    .leftJoin('house_photos as cover', 'cover.storage_key', 'h.index_image_key')
    .select([
      'h.id',
      'h.title',
      'h.price_fen',
      'a.name as area_name',
      'h.index_image_key',
      'cover.caption as cover_caption',
      'h.room_count',
      'h.order_count',
      'h.instant',
      'h.review_count',
      'h.score_sum',
      'h.address',
      'h.created_at',
      'u.name as host_name',
      'u.phone as host_phone',
      'u.avatar_key as host_avatar_key',
    ])

export interface KeptCardRow extends CardRow {
  readonly photo_count: number
  readonly listed: boolean
  /** Whether every night of the stay that was asked about is free. */
  readonly free: boolean
}

const photoCount = sql<number>`(select count(*)::integer from house_photos p where p.house_id = h.id)`

/** The houses with these ids as cards, also those that are no longer offered, in one statement. */
export async function cardsByIds(db: Db, ids: readonly number[], stay?: Stay): Promise<Map<number, KeptCardRow>> {
  if (ids.length === 0) return new Map()
  const free = stay
    ? sql<boolean>`not (h.busy && daterange(${stay.start_date}::date, ${stay.end_date}::date))`
    : sql<boolean>`true`
  const rows = await cards(db)
    .select(['h.listed', free.as('free'), photoCount.as('photo_count')])
    .where('h.id', 'in', [...ids])
    .execute()
  return new Map(rows.map((row) => [row.id, row]))
}

/** The homes that operators chose for the first page, in their order, as far as they can be shown. */
export const listHeroHouses = (db: Db): Promise<CardRow[]> =>
  cards(db)
    .innerJoin('home_heroes as hero', 'hero.house_id', 'h.id')
    .where('h.listed', '=', true)
    .where('h.index_image_key', 'is not', null)
    .orderBy('hero.position')
    .execute()

/** The houses that people stay in most and that have a cover, newest first among equals. */
export const listHomeHouses = (db: Db, count: number, except: readonly number[]): Promise<CardRow[]> =>
  cards(db)
    .where('h.listed', '=', true)
    .where('h.index_image_key', 'is not', null)
    .$if(except.length > 0, (query) => query.where('h.id', 'not in', except))
    .orderBy('h.order_count', 'desc')
    .orderBy('h.id', 'desc')
    .limit(count)
    .execute()

export interface BookingRow extends CardRow {
  readonly user_id: number
  readonly weekend_price_fen: number | null
  readonly nights_set: boolean
  readonly min_days: number
  readonly max_days: number
  readonly capacity: number
  readonly deposit_fen: number
  readonly cancel_policy: CancelPolicy
}

export const findListedHouse = (db: Db, houseId: number): Promise<BookingRow | undefined> =>
  cards(db)
    .select(({ ref }) => [
      'h.user_id',
      'h.weekend_price_fen',
      'h.nights_set',
      'h.min_days',
      'h.max_days',
      'h.capacity',
      'h.deposit_fen',
      ref('h.cancel_policy').$castTo<CancelPolicy>().as('cancel_policy'),
    ])
    .where('h.id', '=', houseId)
    .where('h.listed', '=', true)
    .executeTakeFirst()

/** Everything a house's page shows, in one statement however many pictures and comments there are. */
export async function findHouseDetail(db: Db, houseId: number, commentCount: number): Promise<DetailRow | undefined> {
  const { rows } = await sql<DetailRow>`
    select h.id, h.user_id, h.title, h.price_fen, a.name as area_name, h.address, h.room_count, h.acreage, h.unit,
           h.capacity, h.beds, h.deposit_fen, h.min_days, h.max_days, h.order_count, h.instant, h.review_count,
           h.score_sum, h.listed, h.cancel_policy,
           u.name as host_name, u.phone as host_phone, u.avatar_key as host_avatar_key,
           coalesce((select json_agg(json_build_object('key', p.storage_key, 'caption', p.caption) order by p.position)
                     from house_photos p where p.house_id = h.id), '[]') as pictures,
           coalesce((select array_agg(f.facility_id order by f.facility_id)
                     from house_facilities f where f.house_id = h.id), '{}') as facilities,
           coalesce((select json_agg(json_build_object('comment', c.comment, 'name', g.name, 'phone', g.phone,
                                                       'at', c.completed_at, 'stars', c.overall, 'reply', c.reply,
                                                       'photos', (select coalesce(json_agg(p.storage_key order by p.position, p.id), '[]')
                                                                  from review_photos p where p.order_id = c.id))
                                     order by c.completed_at desc, c.id desc)
                     from (select o.id, o.comment, o.completed_at, o.guest_id, r.overall, r.reply from orders o
                           left join reviews r on r.order_id = o.id
                           where o.house_id = h.id and o.comment is not null and o.status = 'COMPLETE'
                             and r.hidden_at is null
                           order by o.completed_at desc, o.id desc limit ${commentCount}) c
                     join users g on g.id = c.guest_id), '[]') as comments,
           (select count(*)::integer from orders o left join reviews r on r.order_id = o.id
             where o.house_id = h.id and o.comment is not null and o.status = 'COMPLETE'
               and r.hidden_at is null) as comment_count,
           ${STAR_MEANS} as parts
    from houses h join areas a on a.id = h.area_id join users u on u.id = h.user_id
    where h.id = ${houseId}`.execute(db)
  return rows[0]
}
