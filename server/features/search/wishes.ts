import type { DropView } from '@ihome/contract/schemas/houses'
import { type RawBuilder, sql } from 'kysely'
import type { ListFilter } from './list-filter.ts'

/** One wish of a search as a condition on a house `h`, under the name by which a visitor can leave it out. */
export interface Wish extends Pick<DropView, 'wish' | 'facility'> {
  readonly holds: RawBuilder<boolean>
}

/** Every wish but the area, which the lists look up by index. */
export function wishesOf(filter: ListFilter): Wish[] {
  const { stay, people, priceFromFen, priceToFen, rooms, facilities = [], instant, score } = filter
  const wishes: Wish[] = []
  if (stay) {
    const nights = sql`daterange(${stay.start_date}::date, ${stay.end_date}::date)`
    wishes.push({ wish: 'dates', holds: sql`not (h.busy && ${nights})` })
  }
  if (people !== undefined) wishes.push({ wish: 'g', holds: sql`h.capacity >= ${people}::integer` })
  if (priceFromFen !== undefined || priceToFen !== undefined) {
    const from = priceFromFen ?? 0
    const to = priceToFen ?? Number.MAX_SAFE_INTEGER
    wishes.push({ wish: 'price', holds: sql`h.price_fen between ${from}::bigint and ${to}::bigint` })
  }
  if (rooms !== undefined) wishes.push({ wish: 'rooms', holds: sql`h.room_count >= ${rooms}::integer` })
  for (const facility of facilities) {
    wishes.push({
      wish: 'f',
      facility,
      holds: sql`exists (select 1 from house_facilities f where f.house_id = h.id and f.facility_id = ${facility}::integer)`,
    })
  }
  if (instant) wishes.push({ wish: 'fast', holds: sql`h.instant` })
  if (score !== undefined) {
    wishes.push({ wish: 'score', holds: sql`h.review_count > 0 and h.score_sum >= ${score}::integer * h.review_count` })
  }
  return wishes
}

/**
 * Whether a house fulfils all of them. Inside a CASE the planner cannot guess how many do: it takes `busy && range` for
 * nearly always true and would sort the whole area, where walking the index of the order and stopping early is right.
 */
export const allHold = (wishes: readonly Wish[]): RawBuilder<boolean> =>
  wishes.length === 0 ? sql`true` : sql`case when ${conjunction(wishes)} then true else false end`

export const conjunction = (wishes: readonly Wish[]): RawBuilder<boolean> =>
  wishes.length === 0
    ? sql`true`
    : sql`${sql.join(
        wishes.map(({ holds }) => sql`(${holds})`),
        sql` and `,
      )}`
