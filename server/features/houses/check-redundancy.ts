import { sql } from 'kysely'
import type { Db } from '../../platform/db.ts'

/** One column that repeats what other tables know, and a query for the rows in which it does not. */
interface Redundancy {
  readonly column: string
  readonly kept: string
  readonly text: string
}

/** Every deliberate redundancy of the schema with what it must equal (product.md 5.4). */
export const REDUNDANCIES: readonly Redundancy[] = [
  {
    column: 'houses.order_count',
    kept: 'the sort by number of stays',
    text: `select h.id, h.order_count::text as found, count(o.id)::text as expected from houses h
           left join orders o on o.house_id = h.id and o.status = 'COMPLETE'
           group by h.id having h.order_count <> count(o.id)`,
  },
  {
    column: 'houses.review_count, houses.score_sum',
    kept: 'the score on cards and in search',
    text: `select h.id, h.review_count || ' ' || h.score_sum as found,
                  count(r.overall) || ' ' || coalesce(sum(r.overall), 0) as expected
           from houses h left join reviews r on r.house_id = h.id and r.hidden_at is null
           group by h.id having (h.review_count, h.score_sum) <> (count(r.overall), coalesce(sum(r.overall), 0))`,
  },
  {
    column: 'houses.index_image_key',
    kept: 'lists without a look at the photos',
    text: `select h.id, h.index_image_key as found, p.storage_key as expected from houses h
           left join lateral (select storage_key from house_photos where house_id = h.id order by position limit 1) p
             on true
           where h.index_image_key is distinct from p.storage_key`,
  },
  {
    column: 'houses.busy',
    kept: 'search by nights on one index walk',
    // Past nights may be there or not: a nightly job drops them, and nobody asks for them.
    text: `select h.id, h.busy::text as found, taken.nights::text as expected from houses h
           cross join lateral (
             select coalesce(range_agg(daterange(s.start_date, s.end_date)), '{}'::datemultirange) as nights
             from stays s where s.house_id = h.id and s.state in ('held', 'confirmed')) taken
           where h.busy * datemultirange(daterange($today, null)) <> taken.nights * datemultirange(daterange($today, null))
              or not h.busy <@ taken.nights`,
  },
  {
    column: 'orders.days',
    kept: 'lists and payment',
    text: `select id, days::text as found, (end_date - start_date)::text as expected from orders
           where days <> end_date - start_date`,
  },
  {
    column: 'orders.amount_fen',
    kept: 'lists and payment',
    text: `select id, amount_fen::text as found, sum_of_fen(night_prices_fen)::text as expected from orders
           where amount_fen <> sum_of_fen(night_prices_fen)`,
  },
  {
    column: 'reviews.house_id',
    kept: 'the score of a house on one index',
    text: `select r.order_id as id, r.house_id::text as found, o.house_id::text as expected from reviews r
           join orders o on o.id = r.order_id where o.house_id <> r.house_id`,
  },
  {
    column: 'threads.guest_id, threads.host_id, threads.last_id',
    kept: 'the list of threads and the unread mark without a look at the lines',
    text: `select t.order_id as id, concat_ws(' ', t.guest_id, t.host_id, t.guest_last_id, t.host_last_id) as found,
                  concat_ws(' ', o.guest_id, o.host_id, said.guest, said.host) as expected
           from threads t join orders o on o.id = t.order_id
           cross join lateral (
             select coalesce(max(m.id) filter (where m.sender_id = o.guest_id), 0) as guest,
                    coalesce(max(m.id) filter (where m.sender_id = o.host_id), 0) as host
             from messages m where m.order_id = t.order_id) said
           where (t.guest_id, t.host_id, t.guest_last_id, t.host_last_id)
                 <> (o.guest_id, o.host_id, said.guest, said.host)`,
  },
  {
    column: 'stays.start_date, stays.end_date',
    kept: 'the constraint that sells a night once',
    text: `select s.id, s.start_date || ' ' || s.end_date as found, o.start_date || ' ' || o.end_date as expected
           from stays s join orders o on o.id = s.order_id
           where (s.house_id, s.start_date, s.end_date) <> (o.house_id, o.start_date, o.end_date)`,
  },
  {
    column: 'orders.host_id',
    kept: "the host's list on one index",
    text: `select o.id, o.host_id::text as found, h.user_id::text as expected from orders o
           join houses h on h.id = o.house_id where o.host_id <> h.user_id`,
  },
  {
    column: 'orders.trade_no',
    kept: 'the order on one row',
    text: `select o.id, o.trade_no as found, a.trade_no as expected from orders o
           left join payment_attempts a on a.order_id = o.id and a.disposition = 'APPLIED'
           where o.trade_no is distinct from a.trade_no`,
  },
]

export interface Difference {
  readonly column: string
  readonly id: number
  readonly found: string | null
  readonly expected: string | null
}

/** Recomputes every redundant column and gives the rows that differ; an empty list is what must come out. */
export async function checkRedundancy(db: Db, today: string): Promise<Difference[]> {
  const differences: Difference[] = []
  for (const { column, text } of REDUNDANCIES) {
    const literal = `date '${/^\d{4}-\d{2}-\d{2}$/.test(today) ? today : ''}'`
    const { rows } = await sql.raw<Omit<Difference, 'column'>>(text.replaceAll('$today', literal)).execute(db)
    differences.push(...rows.map((row) => ({ column, ...row })))
  }
  return differences
}
