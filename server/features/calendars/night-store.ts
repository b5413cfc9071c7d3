import type { NightsChange } from '@ihome/contract/schemas/calendars'
import type { CivilDate, Stay } from '@ihome/core/calendar'
import { sql } from 'kysely'
import type { Db, Tx } from '../../platform/db.ts'

/** What a host says of one night; what is null or false is as the house is. */
export interface NightRule {
  readonly night: CivilDate
  readonly price_fen: number | null
  readonly min_days: number | null
  readonly closed: boolean
}

/** The nights of a stretch that have rules of their own, earliest first. */
export const listNightRules = (db: Db | Tx, houseId: number, { start_date, end_date }: Stay): Promise<NightRule[]> =>
  db
    .selectFrom('house_nights')
    .select(['night', 'price_fen', 'min_days', 'closed'])
    .where('house_id', '=', houseId)
    .where('night', '>=', start_date)
    .where('night', '<', end_date)
    .orderBy('night')
    .execute()

/** Says one thing of every night of a stretch; nights of which nothing is left to say are forgotten. */
export async function changeNights(tx: Tx, houseId: number, change: NightsChange, now: Date): Promise<void> {
  const { start_date, end_date, price, min_days, closed } = change
  await sql`
    insert into house_nights as n (house_id, night, price_fen, min_days, closed, updated_at)
    select ${houseId}, day::date, ${price ?? null}::bigint, ${min_days ?? null}::integer, ${closed ?? false}, ${now}
      from generate_series(${start_date}::date, ${end_date}::date - 1, interval '1 day') as day
     where ${(price ?? null) !== null || (min_days ?? null) !== null || closed === true}
    on conflict (house_id, night) do nothing`.execute(tx)
  // A row that would say nothing may not stand, so those go before the others change.
  await sql`
    delete from house_nights
     where house_id = ${houseId} and night >= ${start_date} and night < ${end_date}
       and ${price === undefined ? sql`price_fen` : sql`${price}::bigint`} is null
       and ${min_days === undefined ? sql`min_days` : sql`${min_days}::integer`} is null
       and not ${closed === undefined ? sql`closed` : sql`${closed}::boolean`}`.execute(tx)
  await sql`
    update house_nights
       set price_fen = ${price === undefined ? sql`price_fen` : sql`${price}::bigint`},
           min_days = ${min_days === undefined ? sql`min_days` : sql`${min_days}::integer`},
           closed = ${closed === undefined ? sql`closed` : sql`${closed}::boolean`},
           updated_at = ${now}
     where house_id = ${houseId} and night >= ${start_date} and night < ${end_date}`.execute(tx)
  await tx
    .updateTable('houses')
    .set({ nights_set: true })
    .where('id', '=', houseId)
    .where('nights_set', '=', false)
    .execute()
}

export async function setWeekendPrice(tx: Tx, houseId: number, priceFen: number | null, now: Date): Promise<void> {
  await tx
    .updateTable('houses')
    .set({ weekend_price_fen: priceFen, updated_at: now })
    .where('id', '=', houseId)
    .execute()
}

/** Stretches of orders that share a night with this one, earliest first. */
export const listBookedIn = (db: Db | Tx, houseId: number, { start_date, end_date }: Stay): Promise<Stay[]> =>
  db
    .selectFrom('stays')
    .select(['start_date', 'end_date'])
    .where('house_id', '=', houseId)
    .where('kind', '=', 'booking')
    .where('state', 'in', ['held', 'confirmed'])
    .where('start_date', '<', end_date)
    .where('end_date', '>', start_date)
    .orderBy('start_date')
    .execute()

/**
 * Makes the blocks of a house what they should be from `today` on: the nights that its host closed and those that its
 * other calendars call taken, without those of its orders. The house is locked by the caller. True when it changed any.
 */
export async function settleBlocks(tx: Tx, houseId: number, today: CivilDate, now: Date): Promise<boolean> {
  const { rows } = await sql<{ changed: boolean; wanted: string }>`
    with wanted as (
      select ((coalesce((select range_agg(daterange(night, night + 1)) from house_nights
                          where house_id = ${houseId} and closed and night >= ${today}::date), '{}'::datemultirange)
             + coalesce((select range_agg(daterange(start_date, end_date)) from calendar_events
                          where house_id = ${houseId} and end_date > ${today}::date), '{}'::datemultirange))
             * datemultirange(daterange(${today}::date, null)))
             - coalesce((select range_agg(daterange(start_date, end_date)) from stays
                          where house_id = ${houseId} and kind = 'booking' and state in ('held', 'confirmed')
                            and end_date > ${today}::date), '{}'::datemultirange) as nights
    ), standing as (
      select coalesce(range_agg(daterange(start_date, end_date)), '{}'::datemultirange)
             * datemultirange(daterange(${today}::date, null)) as nights
        from stays where house_id = ${houseId} and kind = 'block' and state = 'confirmed' and end_date > ${today}::date
    )
    select wanted.nights <> standing.nights as changed, wanted.nights::text as wanted from wanted, standing`.execute(tx)
  const [row] = rows
  if (!row?.changed) return false
  await sql`
    update stays set state = 'released', released_at = ${now}
     where house_id = ${houseId} and kind = 'block' and state = 'confirmed' and end_date > ${today}::date
       and not exists (select 1 from unnest(${row.wanted}::datemultirange) as kept
                        where kept = daterange(start_date, end_date))`.execute(tx)
  await sql`
    insert into stays (house_id, kind, start_date, end_date, state, created_at)
    select ${houseId}, 'block', lower(missing), upper(missing), 'confirmed', ${now}
      from unnest(${row.wanted}::datemultirange) as missing
     where not exists (select 1 from stays s where s.house_id = ${houseId} and s.kind = 'block'
                          and s.state = 'confirmed' and daterange(s.start_date, s.end_date) = missing)`.execute(tx)
  return true
}

/** The same sum as core/pricing makes, for the houses of a list in one statement; a test compares the two. */
export async function listUnevenTotals(db: Db, houseIds: readonly number[], { start_date, end_date }: Stay) {
  const { rows } = await sql<{ house_id: number; total_fen: number }>`
    select h.id as house_id,
           sum(coalesce(n.price_fen, case when extract(isodow from day) in (5, 6) then h.weekend_price_fen end,
                        h.price_fen))::bigint as total_fen
      from houses h
      cross join generate_series(${start_date}::date, ${end_date}::date - 1, interval '1 day') as day
      left join house_nights n on n.house_id = h.id and n.night = day::date
     where h.id = any(${houseIds}::bigint[]) and (h.nights_set or h.weekend_price_fen is not null)
     group by h.id`.execute(db)
  return rows
}
