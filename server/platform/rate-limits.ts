import { sql } from 'kysely'
import type { Db } from './db.ts'

export interface Allowance {
  readonly key: string
  readonly limit: number
  readonly windowS: number
}

export interface Counted {
  readonly count: number
  readonly allowed: boolean
  /** Whole seconds until the count starts anew. */
  readonly retryAfterS: number
}

/**
 * Counts one try against `allowance`, in one statement, so that of two at once only one is the last allowed. The
 * window starts with the first try and again, in full, with the one that reaches the limit.
 */
export async function countTry(db: Db, allowance: Allowance, now: Date): Promise<Counted> {
  const until = new Date(now.getTime() + allowance.windowS * 1000)
  const { rows } = await sql<{ count: number; expires_at: Date }>`
    insert into rate_counters as c (key, window_start, count, expires_at)
    values (${allowance.key}, to_timestamp(0), 1, ${until})
    on conflict (key, window_start) do update set
      count = case when c.expires_at <= ${now} then 1 else c.count + 1 end,
      expires_at = case when c.expires_at <= ${now} or c.count + 1 = ${allowance.limit} then ${until} else c.expires_at end
    returning count, expires_at`.execute(db)
  const row = rows[0]
  if (!row) throw new Error('a counter gave no row')
  const retryAfterS = Math.max(1, Math.ceil((row.expires_at.getTime() - now.getTime()) / 1000))
  return { count: row.count, allowed: row.count <= allowance.limit, retryAfterS }
}

/** Starts the counts anew, after a success. */
export async function forgetTries(db: Db, keys: readonly string[]): Promise<void> {
  await db.deleteFrom('rate_counters').where('key', 'in', keys).execute()
}

/** Drops counters that ended; answers how many. */
export async function dropEndedCounters(db: Db, now: Date): Promise<number> {
  const { rows } = await sql<{ key: string }>`
    delete from rate_counters where ctid in (
      select ctid from rate_counters where expires_at < ${now} limit 1000 for update skip locked
    ) returning key`.execute(db)
  return rows.length
}
