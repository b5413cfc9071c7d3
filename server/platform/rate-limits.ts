import { sql } from 'kysely'
import type { Db, Tx } from './db.ts'

export interface Allowance {
  readonly key: string
  readonly limit: number
  readonly windowS: number
}

export interface Standing {
  /** False once the limit is reached, until the window ends. */
  readonly open: boolean
  /** Whole seconds until the count starts anew. */
  readonly retryAfterS: number
}

/** Whether another try is allowed. */
export async function standingOf(db: Db, { key, limit }: Allowance, now: Date): Promise<Standing> {
  const row = await db
    .selectFrom('rate_counters')
    .select(['count', 'expires_at'])
    .where('key', '=', key)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return row ? standing(row.count < limit, row.expires_at, now) : { open: true, retryAfterS: 0 }
}

/**
 * Counts one use of `allowance`, in one statement, so that none of several at once goes uncounted. The window starts
 * with the first and again, in full, with the one that reaches the limit. `open` tells whether this one was allowed.
 */
export async function countUse(db: Db | Tx, { key, limit, windowS }: Allowance, now: Date): Promise<Standing> {
  const until = new Date(now.getTime() + windowS * 1000)
  const { rows } = await sql<{ count: number; expires_at: Date }>`
    insert into rate_counters as c (key, window_start, count, expires_at)
    values (${key}, to_timestamp(0), 1, ${until})
    on conflict (key, window_start) do update set
      count = case when c.expires_at <= ${now} then 1 else c.count + 1 end,
      expires_at = case when c.expires_at <= ${now} or c.count + 1 = ${limit} then ${until} else c.expires_at end
    returning count, expires_at`.execute(db)
  const row = rows[0]
  if (!row) throw new Error('a counter gave no row')
  return standing(row.count <= limit, row.expires_at, now)
}

const standing = (open: boolean, until: Date, now: Date): Standing => ({
  open,
  retryAfterS: Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000)),
})

/** Starts the counts anew, after a success. */
export async function forgetUses(db: Db | Tx, keys: readonly string[]): Promise<void> {
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
