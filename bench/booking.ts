import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { addDays, dayInShanghai } from '@ihome/core/calendar'
import { addPeopleAndHouses } from '@ihome/e2e/fixture'
import { placeOrder } from '@ihome/server/features/orders/place-order'
import { DEFAULT_LIMITS } from '@ihome/server/platform/config'
import { openDatabase, transactor } from '@ihome/server/platform/db'
import type { Database } from '@ihome/server/platform/db-types'
import { asAdmin, startTestServer, TEMPLATE, urlOf } from '@ihome/server/platform/test-database'
import { type CompiledQuery, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { type Figure, shareOfLimit, type Turn } from './figure.ts'

const HOUSES = 2_000
const GUESTS = 500
const CLIENTS = 8
const SECONDS = 3
const TURNS = 7
const DAYS = 300

/**
 * Bookings a second through the use case in one Node process, against pgbench sending the very statements that the use
 * case sends, on the same durable database. Where pgbench is not installed there is no limit to stand beside.
 */
export async function benchBooking(): Promise<Figure> {
  const server = await startTestServer({ fsync: true })
  try {
    await asAdmin(server.adminUrl, (admin) => admin.query(`create database bench template ${TEMPLATE}`))
    const url = urlOf(server.adminUrl, 'bench')
    await using database = ending(new pg.Pool({ connectionString: url, max: 2 }))
    const now = new Date()
    const { houses } = await addPeopleAndHouses(
      { database: database.pool, now: () => now },
      { guests: GUESTS, houses: HOUSES },
    )
    const { rows } = await database.pool.query<{ id: string }>(
      `select id from users where phone like '159000%' and phone < '15900010000' order by id`,
    )
    const world = {
      url,
      firstHouse: Math.min(...houses.map(({ id }) => id)),
      firstGuest: Math.min(...rows.map(({ id }) => Number(id))),
      now,
    }
    await database.pool.query('analyze')
    const [name, unit] = ['booking (use case)', 'bookings/s']
    if (!hasPgbench()) {
      const note = 'pgbench is not installed on this machine, so there is no limit to compare with.'
      return { name, unit, ours: await throughUseCase(world), aim: '≥ 0.50', note }
    }
    const script = await scriptOf(world)
    const turns: Turn[] = []
    for (let turn = 0; turn < TURNS; turn += 1) {
      turns.push({ limit: await pgbench(world, script), ours: await throughUseCase(world) })
    }
    return shareOfLimit(name, unit, turns, 'pgbench, same SQL', 0.5)
  } finally {
    await server.stop()
  }
}

const ending = (pool: pg.Pool) => ({ pool, [Symbol.asyncDispose]: () => pool.end() })

interface BenchWorld {
  readonly url: string
  readonly firstHouse: number
  readonly firstGuest: number
  readonly now: Date
}

const needsOf = (now: Date) => ({
  clock: { now: () => now },
  config: { limits: { ...DEFAULT_LIMITS, openOrdersPerGuest: 1_000_000 } },
})

async function throughUseCase(world: BenchWorld): Promise<number> {
  const { db } = openDatabase({ url: world.url, poolSize: CLIENTS })
  const transact = transactor(db)
  const today = dayInShanghai(world.now)
  const needs = needsOf(world.now)
  let placed = 0
  const until = performance.now() + SECONDS * 1_000
  const begun = performance.now()
  const client = async () => {
    while (performance.now() < until) {
      const start = addDays(today, 1 + Math.floor(Math.random() * DAYS))
      const wish = {
        guest_id: world.firstGuest + Math.floor(Math.random() * GUESTS),
        house_id: world.firstHouse + Math.floor(Math.random() * HOUSES),
        start_date: start,
        end_date: addDays(start, 1),
        guest_count: 1,
      }
      // A night that is taken is an answer as well; pgbench counts it too.
      await transact((tx) => placeOrder(tx, needs, wish)).catch(() => undefined)
      placed += 1
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  const perSecond = placed / ((performance.now() - begun) / 1_000)
  await db.destroy()
  return perSecond
}

/** The statements of one booking as they are sent, with the values that vary from booking to booking marked. */
async function recordStatements(world: BenchWorld): Promise<string[]> {
  const statements: string[] = []
  const queries: CompiledQuery[] = []
  const { pool } = openDatabase({ url: world.url, poolSize: 1 })
  const db = new Kysely<Database>({
    dialect: new PostgresDialect({ pool }),
    log: ({ query }) => {
      queries.push(query)
    },
  })
  const today = dayInShanghai(world.now)
  const start = addDays(today, 301)
  // Numbers that stand for nothing else in the statements, so that each can be told from the constants.
  const wish = {
    guest_id: world.firstGuest + 417,
    house_id: world.firstHouse + 1_319,
    start_date: start,
    end_date: addDays(start, 1),
    guest_count: 1,
  }
  await transactor(db)((tx) => placeOrder(tx, needsOf(world.now), wish)).finally(() => db.destroy())
  for (const { sql, parameters } of queries) {
    let text = sql
    for (let at = parameters.length; at > 0; at -= 1) {
      text = text.replaceAll(new RegExp(`\\$${at}(?!\\d)`, 'g'), () => literal(parameters[at - 1], wish))
    }
    statements.push(hideColons(text).replaceAll(/\s+/g, ' ').trim())
  }
  return statements
}

/** pgbench takes `:name` for a variable of its own inside quotes too. */
const hideColons = (text: string): string =>
  text.replaceAll(/'[^']*'/g, (quoted) =>
    /:[a-z]/.test(quoted) ? `(${quoted.replaceAll(/:(?=[a-z])/g, "' || chr(58) || '")})` : quoted,
  )

/** A parameter as pgbench writes it: a variable where bookings differ, a constant elsewhere. */
function literal(
  value: unknown,
  wish: { guest_id: number; house_id: number; start_date: string; end_date: string },
): string {
  if (value === wish.guest_id) return ':guest::bigint'
  if (value === wish.house_id) return ':house::bigint'
  if (value === `guest:${wish.guest_id}`) return "('guest:' || :guest::text)"
  if (value === wish.start_date) return "(:'today'::date + :d::integer)"
  if (value === wish.end_date) return "(:'today'::date + :d::integer + 1)"
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (value instanceof Date) return `'${value.toISOString()}'`
  return `'${String(value).replaceAll("'", "''")}'`
}

/** One booking in pgbench's own words. */
async function scriptOf(world: BenchWorld): Promise<string> {
  const statements = await recordStatements(world)
  return [
    `\\set guest random(${world.firstGuest}, ${world.firstGuest + GUESTS - 1})`,
    `\\set house random(${world.firstHouse}, ${world.firstHouse + HOUSES - 1})`,
    `\\set d random(1, ${DAYS})`,
    'begin;',
    ...statements.filter((text) => !/^(begin|commit|rollback)/i.test(text)).map((text) => `${text};`),
    'commit;',
  ]
    .join('\n')
    .replaceAll(":'today'", `'${dayInShanghai(world.now)}'`)
}

async function pgbench({ url }: BenchWorld, script: string): Promise<number> {
  const file = path.join(os.tmpdir(), `ihome-booking-${process.pid}.sql`)
  await fs.writeFile(file, script)
  const child = spawn('pgbench', [
    '-n',
    '-M',
    'prepared',
    '-c',
    String(CLIENTS),
    '-j',
    '2',
    '-T',
    String(SECONDS),
    '-f',
    file,
    url,
  ])
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  await once(child, 'close')
  await fs.rm(file)
  const tps = /tps = ([\d.]+)/.exec(output)?.[1]
  if (tps === undefined) throw new Error(`pgbench said:\n${output}`)
  return Number(tps)
}

function hasPgbench(): boolean {
  try {
    execFileSync('pgbench', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
