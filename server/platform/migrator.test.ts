import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { rewritableTables } from './ledger-guard.ts'
import { migrateToLatest, missingMigrations } from './migrator.ts'
import { testDatabase } from './testing.ts'

describe('the migrator', () => {
  test('has nothing left to do on a migrated database, twice and at once', async () => {
    const { owner } = await testDatabase()
    expect(await missingMigrations(owner)).toEqual([])
    expect(await Promise.all([migrateToLatest(owner), migrateToLatest(owner)])).toEqual([[], []])
  })

  test('lets two who start on an empty database at once do the work once', async () => {
    const { owner } = await testDatabase()
    await sql`drop schema public cascade; create schema public; drop schema audit cascade`.execute(owner)
    expect((await missingMigrations(owner)).length).toBeGreaterThan(0)
    const runs = await Promise.all([migrateToLatest(owner), migrateToLatest(owner)])
    expect(runs.flat().filter((name) => name === '0001-accounts')).toHaveLength(1)
    expect(await missingMigrations(owner)).toEqual([])
  })

  test('reports what is missing to a login that may not migrate', async () => {
    const { db, owner } = await testDatabase()
    await owner.deleteFrom('schema_migrations').where('name', '=', '0003-orders').execute()
    expect(await missingMigrations(db)).toEqual(['0003-orders'])
  })
})

describe('the ledger guard', () => {
  test('finds nothing that the role of the app could rewrite, and everything that the owner could', async () => {
    const { db, owner } = await testDatabase()
    expect(await rewritableTables(db)).toEqual([])
    expect(await rewritableTables(owner)).toEqual(['ledger_transactions', 'ledger_entries', 'order_history'])
  })
})
