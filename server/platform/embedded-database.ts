import pg from 'pg'
import { openDatabase } from './db.ts'
import {
  DATABASE,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './embedded-postgres.ts'
import { migrateToLatest } from './migrator.ts'

export interface EmbeddedDatabase {
  readonly postgres: EmbeddedPostgres
  /** As `ihome_app`, the role that serves requests. */
  readonly url: string
}

/** The embedded server, its database migrated and its app role able to log in. */
export async function startEmbeddedDatabase(options: EmbeddedPostgresOptions): Promise<EmbeddedDatabase> {
  const postgres = await startEmbeddedPostgres(options)
  try {
    const { db, pool } = openDatabase({ url: postgres.ownerUrl, poolSize: 1, statementTimeoutMs: 600_000 })
    try {
      await migrateToLatest(db)
      await pool.query(`alter role ihome_app login password ${pg.escapeLiteral(postgres.password)}`)
    } finally {
      await db.destroy()
    }
    return { postgres, url: postgres.urlFor('ihome_app', DATABASE) }
  } catch (error) {
    await postgres.stop()
    throw error
  }
}
