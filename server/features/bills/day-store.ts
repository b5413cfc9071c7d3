import type { CivilDate } from '@ihome/core/calendar'
import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from '../../platform/db.ts'
import type { BillDays } from '../../platform/db-types.ts'
import type { DeskSpan } from '../../platform/desk-page.ts'
import type { BillState } from './bill-store.ts'

export type BillDay = Selectable<BillDays>

export const findDay = (db: Db | Tx, day: CivilDate): Promise<BillDay | undefined> =>
  db.selectFrom('bill_days').selectAll().where('day', '=', day).executeTakeFirst()

/** The nearest earlier day whose balance is known. */
export const findBalancedBefore = (db: Db | Tx, day: CivilDate): Promise<BillDay | undefined> =>
  db
    .selectFrom('bill_days')
    .selectAll()
    .where('day', '<', day)
    .where('theirs_fen', 'is not', null)
    .orderBy('day', 'desc')
    .limit(1)
    .executeTakeFirst()

/** Whether a later day's balance rests on a base already: an earlier day then has none of its own. */
export async function hasBalancedAfter(db: Db | Tx, day: CivilDate): Promise<boolean> {
  const row = await db
    .selectFrom('bill_days')
    .select('day')
    .where('day', '>', day)
    .where('base_fen', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Keeps how the day stands; a day that stands as it stood is left alone, its time too. */
export async function saveDay(tx: Tx, row: BillDay): Promise<void> {
  const { day, compared_at, ...figures } = row
  const names = Object.keys(figures)
  await tx
    .insertInto('bill_days')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .column('day')
        .doUpdateSet({ ...figures, compared_at })
        .where(
          sql<boolean>`(${sql.join(names.map((name) => sql.ref(`bill_days.${name}`)))}) is distinct from
                       (${sql.join(names.map((name) => sql.ref(`excluded.${name}`)))})`,
        ),
    )
    .execute()
}

const deskDays = (db: Db) =>
  db
    .selectFrom('bills as b')
    .leftJoin('bill_days as d', 'd.day', 'b.day')
    .select([
      'b.day',
      'b.state',
      'b.error',
      'b.line_count',
      'b.fetched_at',
      'b.compared_at',
      'd.matched',
      'd.differs',
      'd.only_theirs',
      'd.only_ours',
      'd.foreign_lines',
      'd.fees_fen',
      'd.theirs_fen',
      'd.ours_fen',
      'd.outside_fen',
      sql<number>`(select count(*) from bill_differences x where x.day = b.day)::integer`.as('differences'),
      sql<number>`(select count(*) from bill_differences x
                   where x.day = b.day and x.state in ('found', 'asked', 'open'))::integer`.as('waiting'),
    ])
    .$narrowType<{ state: BillState }>()
    .where('b.kind', '=', 'trade')

export type DeskDay = Awaited<ReturnType<typeof listDeskDays>>[number]

const DAY_ORDER = { day: 'b.day', lines: 'b.line_count', fees: 'd.fees_fen' } as const
export type DayOrder = keyof typeof DAY_ORDER

/** Days for the desk, with what still waits on each. */
export const listDeskDays = (db: Db, { sort, direction, skip, take }: DeskSpan<DayOrder>) =>
  deskDays(db).orderBy(DAY_ORDER[sort], direction).orderBy('b.day', direction).offset(skip).limit(take).execute()

export const findDeskDay = (db: Db, day: CivilDate): Promise<DeskDay | undefined> =>
  deskDays(db).where('b.day', '=', day).executeTakeFirst()

export async function countDays(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('bills')
    .select(sql<number>`count(*)::integer`.as('count'))
    .where('kind', '=', 'trade')
    .executeTakeFirstOrThrow()
  return count
}
