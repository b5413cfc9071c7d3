import type { CalendarImportView, ImportedStretch } from '@ihome/contract/schemas/calendars'
import type { CivilDate, Stay } from '@ihome/core/calendar'
import type { OrderStatus } from '@ihome/core/orders/lifecycle'
import { sql } from 'kysely'
import type { Db, Tx } from '../../platform/db.ts'

export interface CalendarHouse {
  readonly id: number
  readonly user_id: number
  readonly title: string
  readonly price_fen: number
  readonly weekend_price_fen: number | null
  readonly min_days: number
}

export const findCalendarHouse = (db: Db | Tx, houseId: number): Promise<CalendarHouse | undefined> =>
  db
    .selectFrom('houses')
    .select(['id', 'user_id', 'title', 'price_fen', 'weekend_price_fen', 'min_days'])
    .where('id', '=', houseId)
    .executeTakeFirst()

/** The orders of a house that hold nights from `today` on. */
export async function listStandingOrders(db: Db, houseId: number, today: CivilDate) {
  const rows = await db
    .selectFrom('stays as s')
    .innerJoin('orders as o', 'o.id', 's.order_id')
    .innerJoin('users as g', 'g.id', 'o.guest_id')
    .select(['o.id as order_id', 's.start_date', 's.end_date', 'o.status', 'g.name', 'g.phone'])
    .where('s.house_id', '=', houseId)
    .where('s.state', 'in', ['held', 'confirmed'])
    .where('s.end_date', '>', today)
    .orderBy('s.start_date')
    .execute()
  return rows.map((row) => ({ ...row, status: row.status as OrderStatus }))
}

export const listImported = (
  db: Db | Tx,
  houseId: number,
  { start_date, end_date }: Stay,
): Promise<ImportedStretch[]> =>
  db
    .selectFrom('calendar_events as e')
    .innerJoin('calendar_imports as i', 'i.id', 'e.import_id')
    .select(['i.name', 'e.start_date', 'e.end_date'])
    .where('e.house_id', '=', houseId)
    .where('e.start_date', '<', end_date)
    .where('e.end_date', '>', start_date)
    .orderBy('e.start_date')
    .orderBy('i.name')
    .execute()

export interface ImportRow {
  readonly id: number
  readonly house_id: number
  readonly name: string
  readonly url: string
  readonly last_tried_at: Date | null
  readonly last_success_at: Date | null
  readonly fault: string | null
}
export type ImportFault = NonNullable<CalendarImportView['fault']>

const imports = (db: Db | Tx) =>
  db
    .selectFrom('calendar_imports')
    .select(['id', 'house_id', 'name', 'url', 'last_tried_at', 'last_success_at', 'fault'])

export const listImports = (db: Db, houseId: number): Promise<ImportRow[]> =>
  imports(db).where('house_id', '=', houseId).orderBy('id').execute()

export const findImport = (db: Db, houseId: number, importId: number): Promise<ImportRow | undefined> =>
  imports(db).where('house_id', '=', houseId).where('id', '=', importId).executeTakeFirst()

/** Undefined when the house has this address, or `most` of them, already. */
export async function insertImport(
  db: Db,
  wish: {
    readonly houseId: number
    readonly name: string
    readonly url: string
    readonly most: number
    readonly now: Date
  },
): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    insert into calendar_imports (house_id, name, url, created_at, next_sync_at)
    select ${wish.houseId}, ${wish.name}, ${wish.url}, ${wish.now}, ${wish.now}
     where (select count(*) from calendar_imports where house_id = ${wish.houseId}) < ${wish.most}
    on conflict do nothing
    returning id`.execute(db)
  return rows[0]?.id
}

export async function deleteImport(tx: Tx, houseId: number, importId: number): Promise<void> {
  await tx.deleteFrom('calendar_imports').where('house_id', '=', houseId).where('id', '=', importId).execute()
}

/** Takes imports that are due and leases them, so that no other instance reads the same address at the same time. */
export async function leaseDueImports(db: Db, now: Date, leaseMs: number, most: number): Promise<ImportRow[]> {
  const { rows } = await sql<ImportRow>`
    update calendar_imports set leased_until = ${new Date(now.getTime() + leaseMs)}
     where id in (select id from calendar_imports
                   where next_sync_at <= ${now} and (leased_until is null or leased_until <= ${now})
                   order by next_sync_at limit ${most} for update skip locked)
    returning id, house_id, name, url, last_tried_at, last_success_at, fault`.execute(db)
  return rows
}

export async function noteTried(
  tx: Db | Tx,
  importId: number,
  outcome: { readonly now: Date; readonly nextAt: Date; readonly fault: ImportFault | null },
): Promise<void> {
  const { now, nextAt, fault } = outcome
  await tx
    .updateTable('calendar_imports')
    .set({
      last_tried_at: now,
      next_sync_at: nextAt,
      leased_until: null,
      fault,
      ...(fault ? {} : { last_success_at: now }),
    })
    .where('id', '=', importId)
    .execute()
}

/** Puts what was read now in the place of what was read before. False when the import is gone meanwhile. */
export async function replaceEvents(tx: Tx, source: ImportRow, stretches: readonly Stay[]): Promise<boolean> {
  const standing = await tx
    .selectFrom('calendar_imports')
    .select('id')
    .where('id', '=', source.id)
    .forUpdate()
    .executeTakeFirst()
  if (!standing) return false
  await tx.deleteFrom('calendar_events').where('import_id', '=', source.id).execute()
  if (stretches.length === 0) return true
  await tx
    .insertInto('calendar_events')
    .values(
      stretches.map(({ start_date, end_date }) => ({
        import_id: source.id,
        house_id: source.house_id,
        start_date,
        end_date,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return true
}

export async function findExportToken(db: Db, houseId: number): Promise<string | undefined> {
  const row = await db.selectFrom('calendar_exports').select('token').where('house_id', '=', houseId).executeTakeFirst()
  return row?.token
}

export async function setExportToken(db: Db, houseId: number, token: string, now: Date): Promise<void> {
  await db
    .insertInto('calendar_exports')
    .values({ house_id: houseId, token, created_at: now })
    .onConflict((conflict) => conflict.column('house_id').doUpdateSet({ token, created_at: now }))
    .execute()
}

export interface ExportedHouse {
  readonly house_id: number
  readonly title: string
}

export const findExportedHouse = (db: Db, token: string): Promise<ExportedHouse | undefined> =>
  db
    .selectFrom('calendar_exports as x')
    .innerJoin('houses as h', 'h.id', 'x.house_id')
    .select(['h.id as house_id', 'h.title'])
    .where('x.token', '=', token)
    .executeTakeFirst()

export interface ExportedStretch extends Stay {
  readonly kind: 'booking' | 'block'
}

/** What this site itself knows to be taken: orders, and nights that the host closed by hand. Not what was imported. */
export async function listOwnTaken(db: Db, houseId: number, today: CivilDate): Promise<ExportedStretch[]> {
  const { rows } = await sql<ExportedStretch>`
    select 'booking' as kind, start_date, end_date from stays
     where house_id = ${houseId} and kind = 'booking' and state in ('held', 'confirmed') and end_date > ${today}::date
    union all
    select 'block', lower(stretch), upper(stretch)
      from unnest((select range_agg(daterange(night, night + 1)) from house_nights
                    where house_id = ${houseId} and closed and night >= ${today}::date)) as stretch
    order by start_date, end_date`.execute(db)
  return rows
}

/** The order as far as its calendar goes, for the host of its house alone. */
export const findHostStay = (db: Db, orderId: number, hostId: number) =>
  db
    .selectFrom('orders')
    .select(['house_id', 'start_date', 'end_date'])
    .where('id', '=', orderId)
    .where('host_id', '=', hostId)
    .executeTakeFirst()
