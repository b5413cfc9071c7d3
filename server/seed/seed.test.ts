import fs from 'node:fs/promises'
import path from 'node:path'
import { PICTURE_WIDTHS } from '@ihome/contract/pictures'
import { dayInShanghai } from '@ihome/core/calendar'
import { ORDER_STATUSES } from '@ihome/core/orders/lifecycle'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { INVARIANTS } from '../audit/invariants.ts'
import { passwordFits } from '../features/accounts/passwords.ts'
import { checkRedundancy } from '../features/houses/check-redundancy.ts'
import type { Db } from '../platform/db.ts'
import { testConfig, testDatabase } from '../platform/testing.ts'
import { main } from './main.ts'
import { NotEmpty, SEED_PASSWORD, type SeedReport, seedDatabase } from './seed.ts'

const NOW = new Date('2026-11-23T04:40:00Z')
const TODAY = dayInShanghai(NOW)
const TABLES = [
  'users',
  'operators',
  'houses',
  'house_facilities',
  'house_photos',
  'orders',
  'order_history',
  'stays',
  'payment_attempts',
  'gateway_facts',
  'refunds',
  'ledger_transactions',
  'ledger_entries',
  'outbox',
  'reviews',
  'favourites',
  'messages',
  'threads',
]

/** One digest per table over all of its rows. */
async function digests(db: Db): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const table of TABLES) {
    const { rows } = await sql<{ digest: string }>`
      select md5(coalesce(string_agg(r, '|' order by r), '')) as digest from (select t::text as r from ${sql.table(table)} t) x`.execute(
      db,
    )
    found[table] = rows[0]?.digest ?? ''
  }
  return found
}

/** The latest of everything that the rows say has happened. */
async function latestInstant(db: Db): Promise<Date> {
  const { rows } = await sql<{ latest: Date }>`
    select greatest((select max(at) from order_history), (select max(posted_at) from ledger_transactions),
                    (select max(received_at) from gateway_facts), (select max(sent_at) from outbox),
                    (select max(updated_at) from orders), (select max(created_at) from houses)) as latest`.execute(db)
  return rows[0]?.latest ?? new Date(0)
}

describe('the demo seed', async () => {
  const { ownerUrl, owner: db } = await testDatabase()
  const { uploadDir } = await testConfig()
  let report: SeedReport

  beforeAll(async () => {
    report = await seedDatabase({ url: ownerUrl, size: 'demo', seed: 1, now: NOW, uploadDir })
  })

  test('gives the same rows for the same size, seed and day, at another minute of the hour too', async () => {
    const other = await testDatabase()
    const now = new Date('2026-11-23T04:05:00Z')
    await seedDatabase({ url: other.ownerUrl, size: 'demo', seed: 1, now })
    expect(await digests(other.owner)).toEqual(await digests(db))
  })

  test('gives other rows for another seed, and keeps every promise when it is made just after midnight', async () => {
    const other = await testDatabase()
    const now = new Date('2026-11-22T16:03:00Z')
    await seedDatabase({ url: other.ownerUrl, size: 'demo', seed: 2, now })
    expect((await digests(other.owner)).orders).not.toBe((await digests(db)).orders)
    for (const { id, sql: text } of INVARIANTS) expect((await sql.raw(text).execute(other.owner)).rows, id).toEqual([])
    expect(await checkRedundancy(other.owner, dayInShanghai(now))).toEqual([])
    expect((await latestInstant(other.owner)).getTime()).toBeLessThanOrEqual(now.getTime())
  })

  test('names the accounts and their password, and they are there', async () => {
    expect(report).toMatchObject({ guest: '17000000001', host: '17000000002', operator: '17000000003' })
    const people = await db
      .selectFrom('users')
      .select(['id', 'phone', 'password_hash'])
      .where('id', 'in', [1, 2])
      .execute()
    expect(people.map(({ phone }) => phone)).toEqual([report.guest, report.host])
    expect(await passwordFits(SEED_PASSWORD, people[0]?.password_hash)).toBe(true)
    const operators = await db.selectFrom('operators').select('login').execute()
    expect(operators).toEqual([{ login: report.operator }])
    expect(await db.selectFrom('users').select('id').where('phone', '=', report.operator).execute()).toEqual([])
    expect(report.rows).toMatchObject({ users: 42, houses: 40 })
  })

  test('gives the host at least three homes with pictures and something to answer', async () => {
    const homes = await db.selectFrom('houses').select('index_image_key').where('user_id', '=', 2).execute()
    expect(homes.length).toBeGreaterThanOrEqual(3)
    expect(homes.every((home) => home.index_image_key !== null)).toBe(true)
    const waiting = await db
      .selectFrom('orders')
      .select('id')
      .where('host_id', '=', 2)
      .where('status', '=', 'WAIT_ACCEPT')
      .execute()
    expect(waiting.length).toBeGreaterThan(0)
  })

  test('gives the guest one order in each state of the journey and room for one more', async () => {
    const orders = await db
      .selectFrom('orders')
      .select(['status', 'pay_by', 'comment'])
      .where('guest_id', '=', 1)
      .execute()
    expect(orders.map(({ status }) => status).sort()).toEqual(
      ['CANCELED', 'COMPLETE', 'PAID', 'REJECTED', 'WAIT_ACCEPT', 'WAIT_COMMENT', 'WAIT_PAYMENT'].sort(),
    )
    expect(orders.find(({ status }) => status === 'COMPLETE')?.comment).toBeTruthy()
    const payBy = orders.find(({ status }) => status === 'WAIT_PAYMENT')?.pay_by
    expect(payBy && payBy > NOW).toBe(true)
  })

  test('has orders in every status, homes in every district, and comments on most homes', async () => {
    const statuses = await db.selectFrom('orders').select('status').distinct().execute()
    expect(statuses.map(({ status }) => status).sort()).toEqual([...ORDER_STATUSES].sort())
    const areas = await db.selectFrom('houses').select('area_id').distinct().execute()
    expect(areas).toHaveLength(16)
    const commented = await db
      .selectFrom('orders')
      .select('house_id')
      .distinct()
      .where('comment', 'is not', null)
      .execute()
    expect(commented.length).toBeGreaterThan(30)
  })

  test('has payments and a refund of yesterday, none of today, and homes under each rule, the usual one most often', async () => {
    const day = async (table: 'payment_attempts' | 'refunds', column: string) => {
      const { rows } = await sql<{ day: string; n: number }>`
        select to_char(${sql.ref(column)} at time zone 'Asia/Shanghai', 'YYYY-MM-DD') as day, count(*)::integer as n
        from ${sql.table(table)} where ${sql.ref(column)} is not null group by 1`.execute(db)
      return new Map(rows.map((row) => [row.day, row.n]))
    }
    const [paid, back] = [await day('payment_attempts', 'succeeded_at'), await day('refunds', 'settled_at')]
    expect([paid.get('2026-11-22'), back.get('2026-11-22')]).toEqual([3, 1])
    // The gateway never saw them, and the first bill of a shop is that of its first day.
    expect([paid.get(TODAY), back.get(TODAY)]).toEqual([undefined, undefined])
    const homes = await db.selectFrom('houses').select(['id', 'cancel_policy']).execute()
    const of = (policy: string) => homes.filter(({ cancel_policy }) => cancel_policy === policy).length
    expect(of('standard')).toBeGreaterThan(homes.length / 2)
    expect(of('flexible')).toBeGreaterThan(3)
    expect(of('strict')).toBeGreaterThan(2)
    const { rows: other } = await sql`
      select o.id from orders o join houses h on h.id = o.house_id
      where o.cancel_rule->>'name' <> h.cancel_policy`.execute(db)
    expect(other).toEqual([])
  })

  test('leaves nothing of the past for the poller and the refund job to do', async () => {
    const due = await db
      .selectFrom('payment_attempts as a')
      .innerJoin('orders as o', 'o.id', 'a.order_id')
      .select('o.status')
      .where('a.next_query_at', 'is not', null)
      .execute()
    expect(new Set(due.map(({ status }) => status))).toEqual(new Set(['CLOSING']))
    expect(await db.selectFrom('refunds').select('id').where('next_try_at', 'is not', null).execute()).toEqual([])
    expect(await db.selectFrom('outbox').select('id').where('sent_at', 'is', null).execute()).toEqual([])
  })

  test('writes nothing that has not happened yet', async () => {
    expect((await latestInstant(db)).getTime()).toBeLessThanOrEqual(NOW.getTime())
  })

  test('numbers orders in the order of their creation', async () => {
    const { rows } = await sql`
      select id from (select id, created_at, lag(created_at) over (order by id) as before from orders) o
      where created_at < before`.execute(db)
    expect(rows).toEqual([])
  })

  test('F16 keeps every redundant column equal to what it repeats, and a planted difference is found', async () => {
    expect(await checkRedundancy(db, TODAY)).toEqual([])
    await sql`update houses set order_count = order_count + 1 where id = 7`.execute(db)
    await sql`update houses set busy = '{[2027-01-01,2027-01-03)}' where id = 8`.execute(db)
    const found = await checkRedundancy(db, TODAY)
    expect(found.map(({ column, id }) => [column, id])).toEqual([
      ['houses.order_count', 7],
      ['houses.busy', 8],
    ])
    await sql`update houses set order_count = order_count - 1 where id = 7`.execute(db)
  })

  test('puts every picture in every size into the folder of uploads', async () => {
    const photos = await db.selectFrom('house_photos').select(['storage_key', 'caption']).execute()
    expect(photos.length).toBeGreaterThan(100)
    const files = new Set(await fs.readdir(uploadDir))
    const wanted = photos.flatMap(({ storage_key }) =>
      PICTURE_WIDTHS.flatMap((width) => [`${storage_key}-${width}.avif`, `${storage_key}-${width}.webp`]),
    )
    expect(wanted.filter((name) => !files.has(name))).toEqual([])
    expect(photos.every(({ caption }) => caption.endsWith('示例图'))).toBe(true)
    const cover = await Promise.all(
      wanted.filter((name) => name.endsWith('-640.avif')).map((name) => fs.stat(path.join(uploadDir, name))),
    )
    expect(Math.max(...cover.map(({ size }) => size))).toBeLessThanOrEqual(22 * 1024)
  })

  test('refuses a database that has orders, and changes nothing', async () => {
    const before = await digests(db)
    await expect(seedDatabase({ url: ownerUrl, size: 'demo', seed: 1, now: NOW })).rejects.toBeInstanceOf(NotEmpty)
    expect(await digests(db)).toEqual(before)
  })

  test('the command refuses a size it does not know and a missing address', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    expect(await main(['--size', 'huge'], { DATABASE_URL: ownerUrl })).toBe(2)
    expect(await main(['--size', 'demo'], {})).toBe(2)
    expect(said).toHaveBeenCalledTimes(2)
    said.mockRestore()
  })

  test('works under the role that serves requests', async () => {
    const other = await testDatabase()
    await seedDatabase({ url: other.url, size: 'demo', seed: 1, now: NOW })
    const { id } = await other.db
      .insertInto('users')
      .values({ phone: '19900000000', name: 'new', password_hash: 'x', created_at: NOW, updated_at: NOW })
      .returning('id')
      .executeTakeFirstOrThrow()
    expect(id).toBeGreaterThan(43)
  })
})
