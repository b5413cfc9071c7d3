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
    expect(await main(['--fast'], { DATABASE_URL: ownerUrl })).toBe(2)
    // Money that is owed back is nothing wrong, but no rest either.
    await sql`
      with tx as (insert into ledger_transactions (business_key, event, order_id, posted_at)
                  values ('writeoff:test', 'writeoff', 1, now()) returning id)
      insert into ledger_entries (tx_id, seq, account, owner_id, amount_fen)
      select id, seq, account, owner_id, amount_fen from tx,
        (values (1, 'LOSS', null, 5), (2, 'REFUND_PAYABLE', '1', -5)) as e (seq, account, owner_id, amount_fen)`.execute(
      owner,
    )
    expect(await main(['--at-rest'], { DATABASE_URL: ownerUrl })).toBe(1)
    // Four unpaid orders of one guest are too many only where nobody allowed them.
    await sql`alter table orders disable trigger user`.execute(owner)
    await sql`update orders set guest_id = 20 where status in ('WAIT_ACCEPT', 'WAIT_PAYMENT')`.execute(owner)
    expect(await main([], { DATABASE_URL: ownerUrl })).toBe(1)
    expect(await main([], { DATABASE_URL: ownerUrl, OPEN_ORDERS_PER_GUEST: '9' })).toBe(1)
  } finally {
    out.mockRestore()
    err.mockRestore()
  }
  expect(JSON.parse(said[0] ?? '')).toEqual({ differences: 0, rows: [], violations: {} })
  expect(JSON.parse(said[1] ?? '').violations).toEqual({})
  expect(JSON.parse(said[2] ?? '').violations).toEqual({
    L7: [{ account: 'REFUND_PAYABLE', owner_id: '1', open_fen: '5' }],
  })
  expect(JSON.parse(said[3] ?? '').violations).toMatchObject({ O6: [{ guest_id: '20' }] })
  expect(JSON.parse(said[4] ?? '').violations).not.toHaveProperty('O6')
  expect(JSON.parse(said[1] ?? '')).toMatchObject({ differences: 1, rows: [{ column: 'houses.order_count', id: 3 }] })
})
