import fs from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Kysely, type Migration, Migrator, sql } from 'kysely'

/** server/migrations, seen from server/platform when run from source and from server/dist when built. */
const FOLDER = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'migrations')

/** Waiting longer than this for a lock would stop the traffic behind us; the operator tries again at a quieter time. */
const LOCK_TIMEOUT = '5s'
const STATEMENT_TIMEOUT = '10min'

/** The SQL files in the order of their numbers. */
async function readMigrations(): Promise<Record<string, Migration>> {
  const files = (await fs.readdir(FOLDER)).filter((file) => /^\d{4}-[a-z0-9-]+\.sql$/.test(file)).sort()
  const texts = await Promise.all(files.map((file) => fs.readFile(path.join(FOLDER, file), 'utf8')))
  return Object.fromEntries(
    files.map((file, index) => [file.slice(0, -'.sql'.length), migrationOf(texts[index] ?? '')]),
  )
}

const migrationOf = (text: string): Migration => ({
  async up(db: Kysely<unknown>) {
    await sql.raw(`set local lock_timeout = '${LOCK_TIMEOUT}'`).execute(db)
    await sql.raw(`set local statement_timeout = '${STATEMENT_TIMEOUT}'`).execute(db)
    await sql.raw(text).execute(db)
  },
})

const migratorFor = <T>(db: Kysely<T>) =>
  new Migrator({
    db,
    provider: { getMigrations: readMigrations },
    migrationTableName: 'schema_migrations',
    migrationLockTableName: 'schema_migrations_lock',
  })

/**
 * Runs what has not run yet, all in one transaction and under a lock, so that two who start it at once do it once.
 * Gives the names of the files it ran; throws on the first that fails, with its name, and changes nothing then.
 */
export async function migrateToLatest<T>(db: Kysely<T>): Promise<string[]> {
  const { error, results = [] } = await migratorFor(db).migrateToLatest()
  if (error) {
    const failed = results.find((result) => result.status === 'Error')
    throw new Error(
      `migration ${failed?.migrationName ?? ''} failed: ${error instanceof Error ? error.message : error}`,
      {
        cause: error,
      },
    )
  }
  return results.map((result) => result.migrationName)
}

/** Names of migrations that this program needs and this database lacks. Reads only, so any login may ask. */
export async function missingMigrations<T>(db: Kysely<T>): Promise<string[]> {
  const needed = Object.keys(await readMigrations())
  const { rows: found } = await sql<{ present: boolean }>`
    select to_regclass('schema_migrations') is not null as present`.execute(db)
  if (!found[0]?.present) return needed
  const { rows } = await sql<{ name: string }>`select name from schema_migrations`.execute(db)
  const run = new Set(rows.map((row) => row.name))
  return needed.filter((name) => !run.has(name))
}
