import { sql } from 'kysely'
import { expect, test, vi } from 'vitest'
import { main } from './check.ts'
import { testDatabase } from './platform/testing.ts'
import { seedDatabase } from './seed/seed.ts'

test('F16 the command reports nothing on seeded data, names a planted difference, and wants an address', async () => {
  const { ownerUrl, owner } = await testDatabase()
  await seedDatabase({ url: ownerUrl, size: 'demo', seed: 4, now: new Date() })
  const said: string[] = []
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0)
  const err = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  try {
    expect(await main([], { DATABASE_URL: ownerUrl })).toBe(0)
    await sql`update houses set order_count = 99 where id = 3`.execute(owner)
    expect(await main([], { DATABASE_URL: ownerUrl })).toBe(1)
    expect(await main([], {})).toBe(2)
  } finally {
    out.mockRestore()
    err.mockRestore()
  }
  expect(JSON.parse(said[0] ?? '')).toEqual({ differences: 0, rows: [], violations: {} })
  expect(JSON.parse(said[1] ?? '')).toMatchObject({ differences: 1, rows: [{ column: 'houses.order_count', id: 3 }] })
})
