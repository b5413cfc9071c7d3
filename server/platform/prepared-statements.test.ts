import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { lockListedHouse } from '../features/houses/lock-house.ts'
import { prepared } from './prepared-statements.ts'
import { testDatabase } from './testing.ts'
import { givenHouse } from './testing-builders.ts'

const { db, transact } = await testDatabase()

const namesOf = async (tx: typeof db) => {
  const { rows } = await sql<{ name: string }>`select name from pg_prepared_statements order by name`.execute(tx)
  return rows.map(({ name }) => name)
}

test('a marked statement is prepared once per connection and gives each caller its own rows', async () => {
  await db.connection().execute(async (connection) => {
    const double = (value: number) => sql<{ twice: number }>`${prepared('double')} select ${value}::int * 2 as twice`
    for (const value of [1, 2, 21]) {
      expect((await double(value).execute(connection)).rows).toEqual([{ twice: value * 2 }])
    }
    await sql`select ${1}::int`.execute(connection)
    expect(await namesOf(connection)).toEqual(['double'])
  })
})

test('a built query is prepared too', async () => {
  const house = await givenHouse(db)
  await transact(async (tx) => {
    await lockListedHouse(tx, house.id)
    expect(await lockListedHouse(tx, house.id)).toMatchObject({ id: house.id, listed: true })
    expect(await namesOf(tx)).toContain('lock_house')
  })
})

test('a marked statement that fails once works again on the same connection', async () => {
  await db.connection().execute(async (connection) => {
    const divide = (by: number) => sql<{ part: number }>`${prepared('divide')} select 10 / ${by}::int as part`
    await expect(divide(0).execute(connection)).rejects.toThrow('division by zero')
    expect((await divide(5).execute(connection)).rows).toEqual([{ part: 2 }])
  })
})
