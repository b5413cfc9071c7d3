import { sql } from 'kysely'
import type { Db } from '../../platform/db.ts'
import { anywhere, DESK_PAGE } from '../../platform/desk-page.ts'

const matching = (db: Db, q: string | undefined) =>
  db
    .selectFrom('operator_actions as a')
    .innerJoin('operators as o', 'o.id', 'a.operator_id')
    .$if(q !== undefined && q !== '', (query) =>
      query.where((where) =>
        where.or([
          where('o.login', '=', q ?? ''),
          where('a.subject', '=', q ?? ''),
          where('a.kind', 'like', anywhere(q ?? '')),
        ]),
      ),
    )

export async function countActions(db: Db, q: string | undefined): Promise<number> {
  const { count } = await matching(db, q).select(sql<number>`count(*)::integer`.as('count')).executeTakeFirstOrThrow()
  return count
}

/** Newest first. */
export const listActions = (db: Db, q: string | undefined, skip: number) =>
  matching(db, q)
    .select(['a.id', 'a.at', 'o.login', 'a.kind', 'a.subject', 'a.reason'])
    .orderBy('a.id', 'desc')
    .offset(skip)
    .limit(DESK_PAGE)
    .execute()
