import type { Db } from '../../platform/db.ts'
import { anywhere, type DeskSpan, readDeskPage } from '../../platform/desk-page.ts'

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

/** What the list can be ordered by; the first stands when nothing is asked. */
export const ACTION_KEYS = ['created', 'who', 'what'] as const
const ACTION_COLUMNS = { created: 'a.id', who: 'o.login', what: 'a.kind' } as const

export const listActions = (db: Db, q: string | undefined, span: DeskSpan<(typeof ACTION_KEYS)[number]>) =>
  readDeskPage(
    matching(db, q).select(['a.id', 'a.at', 'o.login', 'a.kind', 'a.subject', 'a.reason']),
    ACTION_COLUMNS,
    'a.id',
    span,
  )
