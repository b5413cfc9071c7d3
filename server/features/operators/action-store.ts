import { sql } from 'kysely'
import type { Db } from '../../platform/db.ts'
import { anywhere, type DeskSpan } from '../../platform/desk-page.ts'

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

/** What the list can be ordered by; the first stands when nothing is asked. */
export const ACTION_KEYS = ['created', 'who', 'what'] as const
const ACTION_COLUMNS = { created: 'a.id', who: 'o.login', what: 'a.kind' } as const

export const listActions = (db: Db, q: string | undefined, span: DeskSpan<(typeof ACTION_KEYS)[number]>) =>
  matching(db, q)
    .select(['a.id', 'a.at', 'o.login', 'a.kind', 'a.subject', 'a.reason'])
    .orderBy(ACTION_COLUMNS[span.sort], span.direction)
    .orderBy('a.id', span.direction)
    .offset(span.skip)
    .limit(span.take)
    .execute()
