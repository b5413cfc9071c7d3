import type { CommentView } from '@ihome/contract/schemas/houses'
import type { Db } from '../../platform/db.ts'

/** The newest comments of a house, written by guests of complete orders. */
export async function listComments(db: Db, houseId: number, limit: number): Promise<CommentView[]> {
  const rows = await db
    .selectFrom('orders as o')
    .innerJoin('users as u', 'u.id', 'o.guest_id')
    .select(['o.comment', 'o.completed_at', 'u.name', 'u.phone'])
    .where('o.house_id', '=', houseId)
    .where('o.comment', 'is not', null)
    .orderBy('o.completed_at', 'desc')
    .orderBy('o.id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ comment, completed_at, name, phone }) => ({
    comment: comment ?? '',
    // Whoever has not chosen a name is called by the phone number, which is nobody's to read.
    user_name: name === phone ? '匿名用户' : name,
    ctime: (completed_at ?? new Date(0)).toISOString(),
  }))
}
