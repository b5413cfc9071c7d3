import { sql } from 'kysely'
import type { Db, Tx } from '../../platform/db.ts'
import { anywhere, DESK_PAGE } from '../../platform/desk-page.ts'

export interface OperatorAction {
  readonly operatorId: number
  readonly at: Date
  /** What was done: `home_taken_down`, `phone_revealed`. */
  readonly kind: string
  /** What it was done to: `house:7`. */
  readonly subject?: string | undefined
  /** In the operator's words. */
  readonly reason?: string | undefined
  /** What changed, without personal data. */
  readonly detail?: Readonly<Record<string, string | number | boolean | null>>
}

/** Writes down what an operator did, in the transaction that does it. The table takes rows and gives none back. */
export async function recordAction(tx: Tx, action: OperatorAction): Promise<void> {
  await tx
    .insertInto('operator_actions')
    .values({
      operator_id: action.operatorId,
      at: action.at,
      kind: action.kind,
      subject: action.subject ?? null,
      reason: action.reason ?? null,
      detail: JSON.stringify(action.detail ?? {}),
    })
    .execute()
}

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
