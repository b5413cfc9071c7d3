import type { DraftContent } from '@ihome/contract/schemas/hosting'
import type { CancelPolicy } from '@ihome/core/orders/cancel-rule'
import { sql } from 'kysely'
import type { Db, Tx } from '../../platform/db.ts'
import type { HouseInfo } from './house-info.ts'
import { cards } from './store.ts'
import type { CardRow } from './views.ts'

/** Orders that a house must still honour. */
const STANDING = ['WAIT_ACCEPT', 'WAIT_PAYMENT', 'CLOSING', 'PAID'] as const

export async function hasArea(db: Db | Tx, areaId: number): Promise<boolean> {
  if (areaId > 2_147_483_647) return false
  return (await db.selectFrom('areas').select('id').where('id', '=', areaId).executeTakeFirst()) !== undefined
}

/** How many of these facilities there are. */
export async function countFacilities(db: Db | Tx, ids: readonly number[]): Promise<number> {
  if (ids.length === 0) return 0
  const known = ids.filter((id) => id <= 2_147_483_647)
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from facilities where id = any(${known}::integer[])`.execute(db)
  return rows[0]?.count ?? 0
}

const columnsOf = ({ facilities: _facilities, ...columns }: HouseInfo) => columns

export async function insertHouse(tx: Tx, hostId: number, info: HouseInfo, now: Date): Promise<number> {
  const { id } = await tx
    .insertInto('houses')
    .values({ ...columnsOf(info), user_id: hostId, created_at: now, updated_at: now })
    .returning('id')
    .executeTakeFirstOrThrow()
  await insertFacilities(tx, id, info.facilities)
  return id
}

export async function updateHouse(tx: Tx, houseId: number, info: HouseInfo, now: Date): Promise<void> {
  await tx
    .updateTable('houses')
    .set({ ...columnsOf(info), updated_at: now })
    .where('id', '=', houseId)
    .execute()
  await sql`
    delete from house_facilities
     where house_id = ${houseId} and facility_id <> all(${info.facilities}::integer[])`.execute(tx)
  await insertFacilities(tx, houseId, info.facilities)
}

async function insertFacilities(tx: Tx, houseId: number, facilities: readonly number[]): Promise<void> {
  if (facilities.length === 0) return
  await tx
    .insertInto('house_facilities')
    .values(facilities.map((facility_id) => ({ house_id: houseId, facility_id })))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export interface HostHouseRow extends CardRow {
  readonly listed: boolean
  readonly taken_down_reason: string | null
  readonly photo_count: number
  readonly open_orders: number
}

/** All houses of one host, newest first, with what the host's cards say, in one statement. */
export const listHostHouses = (db: Db, hostId: number): Promise<HostHouseRow[]> =>
  cards(db)
    .select(['h.listed', 'h.taken_down_reason'])
    .select(({ selectFrom }) => [
      selectFrom('house_photos as p')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .whereRef('p.house_id', '=', 'h.id')
        .$asScalar()
        .$notNull()
        .as('photo_count'),
      selectFrom('orders as o')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .whereRef('o.house_id', '=', 'h.id')
        .where('o.status', 'in', STANDING)
        .$asScalar()
        .$notNull()
        .as('open_orders'),
    ])
    .where('h.user_id', '=', hostId)
    .orderBy('h.id', 'desc')
    .execute()

export interface OwnHouseRow {
  readonly id: number
  readonly user_id: number
  readonly title: string
  readonly price_fen: number
  readonly area_id: number
  readonly address: string
  readonly room_count: number
  readonly acreage: number
  readonly unit: string
  readonly capacity: number
  readonly beds: string
  readonly deposit_fen: number
  readonly min_days: number
  readonly max_days: number
  readonly instant: boolean
  readonly cancel_policy: CancelPolicy
  readonly listed: boolean
  readonly taken_down_reason: string | null
  readonly facilities: number[]
  readonly photos: { readonly key: string; readonly caption: string }[]
}

export async function findOwnHouse(db: Db | Tx, houseId: number): Promise<OwnHouseRow | undefined> {
  const { rows } = await sql<OwnHouseRow>`
    select h.id, h.user_id, h.title, h.price_fen, h.area_id, h.address, h.room_count, h.acreage, h.unit, h.capacity,
           h.beds, h.deposit_fen, h.min_days, h.max_days, h.instant, h.cancel_policy, h.listed, h.taken_down_reason,
           coalesce((select array_agg(f.facility_id order by f.facility_id)
                       from house_facilities f where f.house_id = h.id), '{}') as facilities,
           coalesce((select json_agg(json_build_object('key', p.storage_key, 'caption', p.caption) order by p.position)
                       from house_photos p where p.house_id = h.id), '[]') as photos
      from houses h where h.id = ${houseId}`.execute(db)
  return rows[0]
}

export const findHouseOwner = (db: Db | Tx, houseId: number) =>
  db.selectFrom('houses').select(['id', 'user_id']).where('id', '=', houseId).executeTakeFirst()

/** Gives how many orders stand, or undefined when the platform has taken the house down and it cannot be listed. */
export async function setListed(tx: Tx, houseId: number, listed: boolean, now: Date): Promise<number | undefined> {
  const { numUpdatedRows } = await tx
    .updateTable('houses')
    .set({ listed, updated_at: now })
    .where('id', '=', houseId)
    .where('taken_down_reason', 'is', null)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return undefined
  const { count } = await tx
    .selectFrom('orders')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('house_id', '=', houseId)
    .where('status', 'in', STANDING)
    .executeTakeFirstOrThrow()
  return count
}

export const listPhotos = (db: Db | Tx, houseId: number): Promise<{ key: string; caption: string }[]> =>
  db
    .selectFrom('house_photos')
    .select(['storage_key as key', 'caption'])
    .where('house_id', '=', houseId)
    .orderBy('position')
    .execute()

/** Puts the photo behind the others and keeps the cover true. The house is locked by the caller. */
export async function appendPhoto(tx: Tx, houseId: number, key: string, now: Date): Promise<void> {
  await sql`
    insert into house_photos (house_id, storage_key, position, created_at)
    select ${houseId}, ${key}, coalesce(max(position), -1) + 1, ${now} from house_photos where house_id = ${houseId}`.execute(
    tx,
  )
  await keepCover(tx, houseId)
}

/** Gives every photo the place that its key has in `keys`. The house is locked by the caller. */
export async function placePhotos(tx: Tx, houseId: number, keys: readonly string[]): Promise<void> {
  // Two steps, since no two photos may share a place even for a moment.
  await sql`update house_photos set position = -1 - position where house_id = ${houseId}`.execute(tx)
  await sql`
    update house_photos p set position = wanted.place - 1
      from unnest(${keys}::text[]) with ordinality as wanted (key, place)
     where p.house_id = ${houseId} and p.storage_key = wanted.key`.execute(tx)
  await keepCover(tx, houseId)
}

export async function deletePhoto(tx: Tx, houseId: number, key: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('house_photos')
    .where('house_id', '=', houseId)
    .where('storage_key', '=', key)
    .executeTakeFirst()
  await keepCover(tx, houseId)
  return numDeletedRows === 1n
}

async function keepCover(tx: Tx, houseId: number): Promise<void> {
  await sql`
    update houses set index_image_key =
      (select storage_key from house_photos where house_id = ${houseId} order by position limit 1)
     where id = ${houseId}`.execute(tx)
}

export interface DraftRow {
  readonly id: number
  readonly step: number
  readonly content: DraftContent
  readonly updated_at: Date
}

const drafts = (db: Db | Tx) =>
  db
    .selectFrom('house_drafts')
    .select(['id', 'step', 'updated_at'])
    .select(({ ref }) => ref('content').$castTo<DraftContent>().as('content'))

export const listDrafts = (db: Db, userId: number): Promise<DraftRow[]> =>
  drafts(db).where('user_id', '=', userId).orderBy('id', 'desc').execute()

export const findDraft = (db: Db, userId: number, draftId: number): Promise<DraftRow | undefined> =>
  drafts(db).where('user_id', '=', userId).where('id', '=', draftId).executeTakeFirst()

interface DraftWish {
  readonly step: number
  readonly content: DraftContent
}

/** Undefined when the person has `most` drafts already. */
export async function insertDraft(db: Db, userId: number, draft: DraftWish, most: number, now: Date) {
  const { rows } = await sql<{ id: number }>`
    insert into house_drafts (user_id, step, content, created_at, updated_at)
    select ${userId}, ${draft.step}, ${JSON.stringify(draft.content)}::jsonb, ${now}, ${now}
     where (select count(*) from house_drafts where user_id = ${userId}) < ${most}
    returning id`.execute(db)
  return rows[0]?.id
}

export async function updateDraft(
  db: Db,
  userId: number,
  draftId: number,
  draft: DraftWish,
  now: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('house_drafts')
    .set({ step: draft.step, content: JSON.stringify(draft.content), updated_at: now })
    .where('user_id', '=', userId)
    .where('id', '=', draftId)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export async function deleteDraft(db: Db | Tx, userId: number, draftId: number): Promise<void> {
  await db.deleteFrom('house_drafts').where('user_id', '=', userId).where('id', '=', draftId).execute()
}
