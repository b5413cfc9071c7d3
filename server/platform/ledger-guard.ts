import { sql } from 'kysely'
import type { Db } from './db.ts'

const KEPT_TABLES = ['ledger_transactions', 'ledger_entries', 'order_history'] as const

/**
 * The tables of money and history that this login could rewrite; production starts only when there are none
 * (promises.md 11). An owner or superuser can rewrite them all.
 */
export async function rewritableTables(db: Db): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from unnest(${sql.val([...KEPT_TABLES])}::text[]) as name
    where has_table_privilege(name, 'UPDATE') or has_table_privilege(name, 'DELETE')
       or has_table_privilege(name, 'TRUNCATE')
       or pg_has_role((select tableowner from pg_tables where schemaname = 'public' and tablename = name), 'USAGE')`.execute(
    db,
  )
  return rows.map(({ name }) => name)
}
