import type { Config } from './platform/config.ts'
import { openDatabase } from './platform/db.ts'
import { migrateToLatest } from './platform/migrator.ts'

/** Brings the database in DATABASE_URL to the current schema. May be run twice; gives the names of what it ran. */
export async function migrate(config: Config): Promise<string[]> {
  if (!config.databaseUrl) throw new Error('DATABASE_URL is not set: an embedded database is migrated by npm start')
  const { db } = openDatabase({ url: config.databaseUrl, poolSize: 2, statementTimeoutMs: 600_000 })
  try {
    return await migrateToLatest(db)
  } finally {
    await db.destroy()
  }
}
