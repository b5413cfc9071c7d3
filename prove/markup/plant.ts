import { checkCharacterOf } from '@ihome/core/identity/id-card'
import type { World } from '@ihome/e2e/world'
import { readPiiKeys } from '@ihome/server/platform/config'
import { systemRandom } from '@ihome/server/platform/random'
import { seal } from '@ihome/server/platform/sealing'
import { FIELDS, type Field } from './fields.ts'
import { PAYLOADS } from './payloads.ts'

/** Texts to put into a field one after the other, each with as many payloads as fit. */
export interface Supply {
  readonly texts: readonly string[]
  next(): string
}

/**
 * Every payload that fits is in one of the texts; `from` says with which of them it begins. Each text ends with `sign`,
 * by which it is known wherever it is read.
 */
export function supplyFor(longest: number, from: number, sign = ''): Supply {
  const room = longest - sign.length
  const texts: string[] = []
  for (const { text } of PAYLOADS) {
    const payload = text.trim()
    if (payload.length > room) continue
    const last = texts.at(-1)
    const longer = `${last} ${payload}`
    if (last === undefined || longer.length > room) texts.push(payload)
    else texts[texts.length - 1] = longer
  }
  let at = from
  return { texts, next: () => (texts[at++ % texts.length] ?? '') + sign }
}

export type Supplies = ReadonlyMap<Field, Supply>

/** What stands where after planting. */
export type Planted = ReadonlyMap<string, readonly string[]>

export const suppliesFrom = (from: number): Supplies =>
  new Map(FIELDS.map((field, at) => [field, supplyFor(field.longest, from, signOf(at))]))

/** A character that nobody else on these pages writes. */
const signOf = (at: number): string => String.fromCodePoint(0x3400 + at)

/** Things that the demo data have not: a home and a review taken down, drafts, other calendars, a case, answers. */
export async function addOddThings({ database, now }: World, hostPhone: string): Promise<void> {
  const at = now()
  const run = (text: string, values: unknown[] = [at]) => database.query(text, values)
  await run(
    `update houses set listed = false, taken_down_reason = '-' where id in
               (select h.id from houses h join users u on u.id = h.user_id where u.phone = $1 order by h.id desc limit 1)`,
    [hostPhone],
  )
  await run(`update reviews set reply = '-', replied_at = $1 where order_id % 2 = 0`)
  await run(`update reviews set hidden_at = $1, hidden_reason = '-' where order_id =
               (select order_id from reviews order by order_id limit 1)`)
  await run(`update sessions set device = '-' where ended_at is null`, [])
  await run(
    `insert into calendar_imports (house_id, name, url, created_at, next_sync_at)
     select h.id, '-', 'https://calendar.invalid/' || n, $1, $1::timestamptz + interval '1 year'
       from houses h join users u on u.id = h.user_id, generate_series(1, 5) as n where u.phone = $2`,
    [at, hostPhone],
  )
  await run(
    `insert into house_drafts (user_id, step, content, created_at, updated_at)
     select id, 7, '{}', $1, $1 from users, generate_series(1, 3) where phone = $2`,
    [at, hostPhone],
  )
  await run(`insert into cases (kind, subject, state, note, opened_at, due_at)
             values ('unmatched', 'fact:1', 'open', '-', $1, $1)`)
  await run(`update refunds set note = '-'`, [])
  await run(
    `insert into refund_requests (kind, order_id, amount_fen, reason, note, state, asked_by, asked_at, decided_by, decided_at,
                                  decision_note)
     select 'part', o.id, 1, 'dispute', '-', 'declined', asker.id, $1, decider.id, $1, '-'
       from orders o join users u on u.id = o.host_id, operators asker, operators decider
      where u.phone = $2 and o.status = 'PAID' and asker.login = 'finance' and decider.login = 'admin'`,
    [at, hostPhone],
  )
  await run(`insert into bill_differences (day, kind, subject, state, note, found_at)
             values ('2026-01-01', 'amount', 'none', 'open', '-', $1)`)
  await run(
    `insert into operator_actions (operator_id, at, kind, subject, reason, detail)
     select o.id, $1, 'take_house_down', 'house:' || n, '-', '{}' from operators o, generate_series(1, 5) as n`,
  )
}

/** Puts payloads into every field of every row that holds something. What was there before is gone. */
export async function plant(world: World, supplies: Supplies): Promise<Planted> {
  const planted = new Map<string, string[]>()
  for (const [{ table, column }, supply] of supplies) {
    const key = KEYS[table] ?? 'id'
    const client = await world.database.connect()
    try {
      await client.query('begin')
      // What keeps histories from being rewritten must not keep them from this; what tells caches of a change must run.
      if (GUARDED.includes(table)) await client.query(`set local session_replication_role = 'replica'`)
      const rows = await client.query<{ row: string }>(
        `select ${key}::text as row from ${table} where ${column} is not null order by ${key}`,
      )
      const texts = distinct(rows.rows.map(() => supply.next()))
      // Where a text may stand once only, those of the round before make room.
      if (ONCE.includes(table))
        await client.query(`update ${table} t set ${column} = 'https://x/' || ${key} where ${column} is not null`)
      await client.query(
        `update ${table} t set ${column} = given.text from unnest($1::text[], $2::text[]) as given (row, text)
          where t.${key}::text = given.row`,
        [rows.rows.map(({ row }) => row), texts],
      )
      await client.query('commit')
      planted.set(`${table}.${column}`, texts)
    } finally {
      client.release()
    }
  }
  return planted
    .set('house_drafts.content', await plantDrafts(world, supplies))
    .set('users.real_name', await plantNames(world, supplies))
}

/** By what a row is named where that is not its id. */
const KEYS: Readonly<Record<string, string>> = { reviews: 'order_id', sessions: 'id_digest' }

/** The same text a second time becomes another one, as short as any. */
const distinct = (texts: readonly string[]): string[] =>
  texts.map((text, at) => (texts.indexOf(text) === at ? text : `<b ran>${at}${text.at(-1)}`))

/** Where a text may stand only once. */
const ONCE = ['users', 'areas', 'facilities', 'operators', 'calendar_imports']

const GUARDED = ['orders', 'refund_requests', 'order_history', 'operator_actions', 'payment_attempts']

async function plantDrafts({ database }: World, supplies: Supplies): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>('select id from house_drafts order by id')
  const planted: string[] = []
  for (const { id } of rows) {
    const content: Record<string, string> = {}
    for (const [{ table, column }, supply] of supplies) {
      if (table === 'houses' && column !== 'taken_down_reason') content[column] = supply.next()
    }
    for (const column of ['price', 'deposit', 'capacity', 'min_days']) content[column] = '"><b ran>'
    await database.query('update house_drafts set content = $2 where id = $1', [id, JSON.stringify(content)])
    planted.push(...Object.values(content))
  }
  return planted
}

/** A fixed key, so that this process can seal what the shop opens. */
export const PII_KEY = `test:${Buffer.alloc(32, 7).toString('base64')}`

async function plantNames({ database }: World, supplies: Supplies): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>('select id from users where verified_at is not null')
  const keys = readPiiKeys(PII_KEY)
  const name = [...supplies].find(([{ table }]) => table === 'users')?.[1]
  const card = '11019919800101001'
  const planted: string[] = []
  for (const { id } of rows) {
    const text = name?.next() ?? ''
    await database.query('update users set real_name_sealed = $2, id_card_sealed = $3 where id = $1', [
      id,
      seal(keys, systemRandom, `real_name:${id}`, text),
      seal(keys, systemRandom, `id_card:${id}`, card + checkCharacterOf(card)),
    ])
    planted.push(text)
  }
  return planted
}
