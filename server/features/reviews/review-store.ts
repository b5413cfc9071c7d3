import type { StarsBody } from '@ihome/contract/schemas/reviews'
import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from '../../platform/db.ts'
import type { Database } from '../../platform/db-types.ts'
import { STAR_MEANS } from '../houses/star-means.ts'
import type { CommentRow } from '../houses/views.ts'

export interface NewReview {
  readonly orderId: number
  readonly houseId: number
  readonly stars: StarsBody | undefined
  readonly at: Date
}

export async function insertReview(tx: Tx, { orderId, houseId, stars, at }: NewReview): Promise<void> {
  await tx
    .insertInto('reviews')
    .values({ order_id: orderId, house_id: houseId, ...stars, created_at: at })
    .execute()
}

/** Puts the photos that came for this order into the order of `keys`, drops the others and gives their keys. */
export async function keepPhotos(tx: Tx, orderId: number, keys: readonly string[]): Promise<string[]> {
  for (const [position, key] of keys.entries()) {
    await tx
      .updateTable('review_photos')
      .set({ position })
      .where('order_id', '=', orderId)
      .where('storage_key', '=', key)
      .execute()
  }
  let others = tx.deleteFrom('review_photos').where('order_id', '=', orderId)
  if (keys.length > 0) others = others.where('storage_key', 'not in', keys)
  const dropped = await others.returning('storage_key').execute()
  return dropped.map(({ storage_key: key }) => key)
}

export async function countPhotos(db: Db | Tx, orderId: number): Promise<number> {
  const { count } = await db
    .selectFrom('review_photos')
    .select(sql<number>`count(*)::integer`.as('count'))
    .where('order_id', '=', orderId)
    .executeTakeFirstOrThrow()
  return count
}

export async function insertPhoto(tx: Tx, orderId: number, key: string, at: Date): Promise<void> {
  const position = await countPhotos(tx, orderId)
  await tx
    .insertInto('review_photos')
    .values({ order_id: orderId, storage_key: key, position, created_at: at })
    .execute()
}

export async function deletePhoto(tx: Tx, orderId: number, key: string): Promise<boolean> {
  const gone = await tx
    .deleteFrom('review_photos')
    .where('order_id', '=', orderId)
    .where('storage_key', '=', key)
    .executeTakeFirst()
  return gone.numDeletedRows === 1n
}

/** Writes the host's one answer to the review of an order of theirs; gives the house, or nothing if there is none to answer. */
export async function saveReply(
  db: Db,
  wish: { readonly orderId: number; readonly hostId: number; readonly reply: string; readonly at: Date },
): Promise<number | undefined> {
  const row = await db
    .updateTable('reviews as r')
    .from('orders as o')
    .set({ reply: wish.reply, replied_at: wish.at })
    .where('r.order_id', '=', wish.orderId)
    .whereRef('o.id', '=', 'r.order_id')
    .where('o.host_id', '=', wish.hostId)
    .where('r.reply', 'is', null)
    .where('r.hidden_at', 'is', null)
    .returning('r.house_id')
    .executeTakeFirst()
  return row?.house_id
}

/** After which review a list goes on. */
export interface ReviewPlace {
  readonly at: string
  readonly id: number
}

export interface ListedReview extends CommentRow, ReviewPlace {}

/** Reviews of a house that can be seen, newest first. */
export async function listReviews(
  db: Db,
  houseId: number,
  limit: number,
  after?: ReviewPlace,
): Promise<readonly ListedReview[]> {
  const from = after ? sql`and (o.completed_at, o.id) < (${after.at}::timestamptz, ${after.id}::bigint)` : sql``
  const { rows } = await sql<ListedReview>`
    select o.id, o.comment, g.name, g.phone, o.completed_at::text as at, r.overall as stars, r.reply,
           coalesce((select array_agg(p.storage_key order by p.position, p.id)
                     from review_photos p where p.order_id = o.id), '{}') as photos
    from orders o
    join users g on g.id = o.guest_id
    left join reviews r on r.order_id = o.id
    where o.house_id = ${houseId} and o.comment is not null and o.status = 'COMPLETE' and r.hidden_at is null ${from}
    order by o.completed_at desc, o.id desc limit ${limit}::integer`.execute(db)
  return rows
}

type Scores = Pick<Selectable<Database['houses']>, 'id' | 'title' | 'index_image_key' | 'review_count' | 'score_sum'>
export interface ReviewedHouse extends Scores {
  readonly cover_caption: string | null
  readonly count: number
  readonly parts: { clean: number | null; accurate: number | null; location: number | null; host: number | null }
}

export async function findReviewedHouse(db: Db, houseId: number): Promise<ReviewedHouse | undefined> {
  const { rows } = await sql<ReviewedHouse>`
    select h.id, h.title, h.index_image_key, h.review_count, h.score_sum, cover.caption as cover_caption,
           (select count(*)::integer from orders o left join reviews r on r.order_id = o.id
             where o.house_id = h.id and o.comment is not null and o.status = 'COMPLETE'
               and r.hidden_at is null) as count,
           ${STAR_MEANS} as parts
    from houses h left join house_photos cover on cover.storage_key = h.index_image_key
    where h.id = ${houseId}`.execute(db)
  return rows[0]
}
