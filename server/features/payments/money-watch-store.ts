import { sql } from 'kysely'
import type { Db } from '../../platform/db.ts'

/** How many cases of each kind are open. A kind of which there was never a case is left out. */
export async function countOpenCases(db: Db): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('cases')
    .select(['kind', sql<number>`(count(*) filter (where state = 'open'))::integer`.as('count')])
    .groupBy('kind')
    .execute()
  return new Map(rows.map(({ kind, count }) => [kind, count]))
}

/** How many open cases are past their due date. */
export async function countOverdueCases(db: Db, now: Date): Promise<number> {
  const { count } = await db
    .selectFrom('cases')
    .select(sql<number>`count(*)::integer`.as('count'))
    .where('state', '=', 'open')
    .where('due_at', '<', now)
    .executeTakeFirstOrThrow()
  return count
}

/**
 * Seconds by which the latest notice about money of the last hour came after we knew of it by another way; one that has
 * not come yet counts until `now`. Alipay sends one for each payment, and a shop that lives by asking alone does not see
 * a refund at the gateway before the bill.
 */
export async function longestNoticeDelay(db: Db, now: Date): Promise<number> {
  const { rows } = await sql<{ seconds: number | null }>`
    select extract(epoch from max(coalesce(told.at, ${now}::timestamptz) - a.succeeded_at))::float8 as seconds
      from payment_attempts a
      left join lateral (
        select min(f.received_at) as at from gateway_facts f
         where f.attempt_id = a.id and f.entrance = 'notify' and f.verified) told on true
     where a.succeeded_at > ${new Date(now.getTime() - 3_600_000)}`.execute(db)
  return Math.max(0, rows[0]?.seconds ?? 0)
}
