import { openDatabase } from './platform/db.ts'
import { migrateToLatest } from './platform/migrator.ts'

/** Brings the database behind `url` to the current schema. May be run twice; gives the names of what it ran. */
export async function migrate(url: string): Promise<string[]> {
  const { db } = openDatabase({ url, poolSize: 2, statementTimeoutMs: 600_000 })
  try {
    return await migrateToLatest(db)
  } finally {
    await db.destroy()
  }
}

/** The command `npm run db:migrate`: needs DATABASE_URL alone, as the owner of the schema. Gives the exit code. */
export async function main(
  _words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const url = env.DATABASE_URL
  if (!url) {
    process.stderr.write('DATABASE_URL is not set. Without it npm start migrates its own embedded database.\n')
    return 2
  }
  const names = await migrate(url)
  process.stdout.write(names.length === 0 ? 'The schema is current.\n' : `Migrated: ${names.join(', ')}\n`)
  return 0
}
