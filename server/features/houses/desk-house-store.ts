import type { DeskHouseQuery } from '@ihome/contract/schemas/operator-desk'
import { sql } from 'kysely'
import type { Db, Tx } from '../../platform/db.ts'
import { anywhere, type DeskSpan, readDeskPage } from '../../platform/desk-page.ts'

const matching = (db: Db, { q, state }: DeskHouseQuery) =>
  db
    .selectFrom('houses as h')
    .innerJoin('users as u', 'u.id', 'h.user_id')
    .innerJoin('areas as a', 'a.id', 'h.area_id')
    .$if(q !== undefined && /^\d{1,15}$/.test(q), (query) => query.where('h.id', '=', Number(q)))
    .$if(q !== undefined && !/^\d{1,15}$/.test(q), (query) => query.where('h.title', 'like', anywhere(q ?? '')))
    .$if(state === 'taken_down', (query) => query.where('h.taken_down_reason', 'is not', null))
    .$if(state === 'listed', (query) => query.where('h.listed', '=', true))
    .$if(state === 'unlisted', (query) => query.where('h.listed', '=', false).where('h.taken_down_reason', 'is', null))

/** What the list can be ordered by; the first stands when nothing is asked. */
export const HOUSE_KEYS = ['number', 'title', 'price', 'stays', 'score'] as const
const HOUSE_COLUMNS = {
  number: sql`h.id`,
  title: sql`h.title`,
  price: sql`h.price_fen`,
  stays: sql`h.order_count`,
  score: sql`coalesce(h.score_sum::numeric / nullif(h.review_count, 0), 0)`,
} as const

export const listDeskHouses = (db: Db, filter: DeskHouseQuery, span: DeskSpan<(typeof HOUSE_KEYS)[number]>) =>
  readDeskPage(
    matching(db, filter).select([
      'h.id',
      'h.title',
      'h.price_fen',
      'h.listed',
      'h.taken_down_reason',
      'h.order_count',
      'h.review_count',
      'h.score_sum',
      'h.created_at',
      'u.id as host_id',
      'u.name as host_name',
      'u.phone as host_phone',
      'a.name as area_name',
    ]),
    HOUSE_COLUMNS,
    'h.id',
    span,
  )

/** False when there is no such house, or it is off the market by the platform already. */
export async function takeDown(tx: Tx, houseId: number, reason: string, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('houses')
    .set({ listed: false, taken_down_reason: reason, updated_at: now })
    .where('id', '=', houseId)
    .where('taken_down_reason', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** The host decides again; the house is listed as soon as the host says so. */
export async function putBack(tx: Tx, houseId: number, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('houses')
    .set({ taken_down_reason: null, updated_at: now })
    .where('id', '=', houseId)
    .where('taken_down_reason', 'is not', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}
