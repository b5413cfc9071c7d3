import type { Insertable } from 'kysely'
import { sql } from 'kysely'
import type { Tx } from '../platform/db.ts'
import type { Database } from '../platform/db-types.ts'

/** Tables the seed fills, parents before children: the order in which rows are written. */
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
] as const
export type SeedTable = (typeof TABLES)[number]

/** Tables whose ids the seed chooses, so that the same seed gives the same ids. */
const UNNUMBERED: readonly SeedTable[] = ['house_facilities', 'ledger_entries', 'reviews', 'favourites', 'threads']
const NUMBERED = new Set<SeedTable>(TABLES.filter((table) => !UNNUMBERED.includes(table)))

/** Fewer, larger statements are not faster from here on, and take more memory. */
const BATCH_ROWS = 5_000

export interface RowWriter {
  /** Takes a row into the current batch; its id, where the table has one, is the next number. */
  add<T extends SeedTable>(table: T, row: Insertable<Database[T]>): number
  /** Writes what has gathered, when it is worth it. */
  flushWhenFull(): Promise<void>
  /** Writes the rest and moves the tables' own numbering past the rows. */
  finish(): Promise<Readonly<Record<string, number>>>
}

/**
 * Gathers rows and writes them many at a time. Rows travel as JSON, so the database reads every value by the type of
 * its column, and one statement text serves any number of rows.
 */
export function createRowWriter(tx: Tx): RowWriter {
  const gathered = new Map<SeedTable, object[]>()
  const counts: Record<string, number> = Object.fromEntries(TABLES.map((table) => [table, 0]))
  let waiting = 0

  async function flush(): Promise<void> {
    for (const table of TABLES) {
      const rows = gathered.get(table) ?? []
      for (let start = 0; start < rows.length; start += BATCH_ROWS) {
        await insertRows(tx, table, rows.slice(start, start + BATCH_ROWS))
      }
      gathered.delete(table)
    }
    waiting = 0
  }

  return {
    add(table, row) {
      const id = (counts[table] ?? 0) + 1
      counts[table] = id
      const rows = gathered.get(table) ?? []
      rows.push(NUMBERED.has(table) && !('id' in row) ? { id, ...row } : row)
      gathered.set(table, rows)
      waiting += 1
      return id
    },
    async flushWhenFull() {
      if (waiting >= BATCH_ROWS * 4) await flush()
    },
    async finish() {
      await flush()
      for (const table of NUMBERED) await advanceNumbering(tx, table)
      return counts
    },
  }
}

async function insertRows(tx: Tx, table: SeedTable, rows: readonly object[]): Promise<void> {
  const names = Object.keys(rows[0] ?? {})
  const columns = sql.join(names.map((name) => sql.ref(name)))
  await sql`
    insert into ${sql.table(table)} (${columns}) overriding system value
    select ${columns} from json_populate_recordset(null::${sql.table(table)}, ${JSON.stringify(rows)}::json)`.execute(
    tx,
  )
}

/** By drawing numbers and not by setting the counter, which only the table's owner may. */
async function advanceNumbering(tx: Tx, table: SeedTable): Promise<void> {
  await sql`
    select count(nextval(pg_get_serial_sequence(${table}, 'id')))
    from generate_series(1, (select coalesce(max(id), 0) from ${sql.table(table)}))`.execute(tx)
}
