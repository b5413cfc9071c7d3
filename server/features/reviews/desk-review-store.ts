import type { DeskReviewQuery } from '@ihome/contract/schemas/operator-desk'
import type { Db, Tx } from '../../platform/db.ts'
import { anywhere, type DeskSpan, readDeskPage } from '../../platform/desk-page.ts'

const matching = (db: Db, { q, state }: DeskReviewQuery) =>
  db
    .selectFrom('reviews as r')
    .innerJoin('orders as o', 'o.id', 'r.order_id')
    .innerJoin('houses as h', 'h.id', 'r.house_id')
    .innerJoin('users as g', 'g.id', 'o.guest_id')
    .$if(q !== undefined && /^\d{1,15}$/.test(q), (query) => query.where('r.order_id', '=', Number(q)))
    .$if(q !== undefined && !/^\d{1,15}$/.test(q), (query) => query.where('o.comment', 'like', anywhere(q ?? '')))
    .$if(state === 'hidden', (query) => query.where('r.hidden_at', 'is not', null))
    .$if(state === 'shown', (query) => query.where('r.hidden_at', 'is', null))

/** What the list can be ordered by; the first stands when nothing is asked. */
export const REVIEW_KEYS = ['created', 'number', 'stars'] as const
const REVIEW_COLUMNS = { created: 'r.created_at', number: 'r.order_id', stars: 'r.overall' } as const

export const listDeskReviews = (db: Db, filter: DeskReviewQuery, span: DeskSpan<(typeof REVIEW_KEYS)[number]>) =>
  readDeskPage(
    matching(db, filter).select([
      'r.order_id',
      'r.house_id',
      'h.title',
      'g.name',
      'g.phone',
      'o.comment',
      'r.overall',
      'r.reply',
      'r.hidden_reason',
      'r.created_at',
    ]),
    REVIEW_COLUMNS,
    'r.order_id',
    span,
  )

/** Gives the house whose page changes; nothing when the review is hidden already, or there is none. */
export async function hideReview(tx: Tx, orderId: number, reason: string, at: Date): Promise<number | undefined> {
  const row = await tx
    .updateTable('reviews')
    .set({ hidden_at: at, hidden_reason: reason })
    .where('order_id', '=', orderId)
    .where('hidden_at', 'is', null)
    .returning('house_id')
    .executeTakeFirst()
  return row?.house_id
}

export async function showReview(tx: Tx, orderId: number): Promise<number | undefined> {
  const row = await tx
    .updateTable('reviews')
    .set({ hidden_at: null, hidden_reason: null })
    .where('order_id', '=', orderId)
    .where('hidden_at', 'is not', null)
    .returning('house_id')
    .executeTakeFirst()
  return row?.house_id
}
