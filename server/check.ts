import { dayInShanghai } from '@ihome/core/calendar'
import { sql } from 'kysely'
import { INVARIANTS } from './audit/invariants.ts'
import { checkRedundancy } from './features/houses/check-redundancy.ts'
import { openDatabase } from './platform/db.ts'

/**
 * `npm run db:check`: recomputes every redundant column and asks every invariant of the database in DATABASE_URL.
 * Prints one JSON object with what is wrong. With `--at-rest` it asks those as well that hold only when nothing is under
 * way. All queries see the database at one moment. Gives the exit code: 0 nothing, 1 something, 2 no database named, or
 * a word that it does not know.
 */
export async function main(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  if (!env.DATABASE_URL) {
    process.stderr.write('DATABASE_URL is not set.\n')
    return 2
  }
  const unknown = words.find((word) => word !== '--at-rest')
  if (unknown !== undefined) {
    process.stderr.write(`db:check does not know ${unknown}; it knows --at-rest.\n`)
    return 2
  }
  const isAtRest = words.includes('--at-rest')
  const { db } = openDatabase({ url: env.DATABASE_URL, poolSize: 1, statementTimeoutMs: 600_000 })
  try {
    const differences = await checkRedundancy(db, dayInShanghai(new Date()))
    const violations: Record<string, object[]> = {}
    await db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (moment) => {
        for (const { id, sql: text, atRest } of INVARIANTS) {
          // What holds only at rest may be under way in a database that serves people.
          if (atRest && !isAtRest) continue
          // It says three, which is the limit where nothing else is set.
          if (id === 'O6' && env.OPEN_ORDERS_PER_GUEST) continue
          const { rows } = await sql.raw<object>(text).execute(moment)
          if (rows.length > 0) violations[id] = rows.slice(0, 20)
        }
      })
    process.stdout.write(
      `${JSON.stringify({ differences: differences.length, rows: differences.slice(0, 100), violations })}\n`,
    )
    return differences.length > 0 || Object.keys(violations).length > 0 ? 1 : 0
  } finally {
    await db.destroy()
  }
}
