import { Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'
import type { Database } from './db-types.ts'
import { preparing } from './prepared-statements.ts'

export type Db = Kysely<Database>
export type Tx = Transaction<Database>
/** Runs `work` in one transaction, and again in a new one when the database picks it as the loser of a race. */
export type Transact = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>

const INT8 = 20
const DATE = 1082
const INT8_ARRAY = 1016
const DATE_ARRAY = 1182

/** Fen and ids fit a double exactly up to 2^53; a bigger one is a defect and must not be rounded in silence. */
function readBigint(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint outside the safe range: ${text}`)
  return value
}

const TEXT_ARRAY = 1009
const parserFor: (oid: number) => (text: string) => unknown = pg.types.getTypeParser
const readTextArray = parserFor(TEXT_ARRAY) as (text: string) => string[]

/**
 * How columns arrive: bigint as number, `date` as its text (the driver's own parser shifts it by the zone of the
 * process), timestamptz as Date, everything else as the driver does it.
 */
const columnTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (format === 'binary') return pg.types.getTypeParser(oid, format)
    if (oid === INT8) return readBigint
    if (oid === DATE) return (text: string) => text
    if (oid === INT8_ARRAY) return (text: string) => readTextArray(text).map(readBigint)
    if (oid === DATE_ARRAY) return readTextArray
    return pg.types.getTypeParser(oid, format)
  },
}

export interface DatabaseOptions {
  readonly url: string
  /** Connections of this process. Eight were faster than 32 on two cores. */
  readonly poolSize?: number
  /** A statement longer than this is cancelled by the database. */
  readonly statementTimeoutMs?: number
  /** Waiting longer than this for a connection counts as an outage. */
  readonly connectTimeoutMs?: number
  readonly onIdleError?: (error: Error) => void
}

export interface OpenDatabase {
  readonly db: Db
  readonly pool: pg.Pool
}

/** Opens a pool. Closing `db` closes the pool. */
export function openDatabase(options: DatabaseOptions): OpenDatabase {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize ?? 8,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    statement_timeout: options.statementTimeoutMs ?? 15_000,
    idle_in_transaction_session_timeout: 30_000,
    keepAlive: true,
    application_name: 'ihome',
    options: '-c timezone=UTC -c datestyle=ISO,YMD',
    types: columnTypes,
  })
  // Without a listener a connection that dies while idle would end the process; the next query reports the outage.
  pool.on('error', (error) => options.onIdleError?.(error))
  return { db: new Kysely<Database>({ dialect: new PostgresDialect({ pool: preparing(pool) }) }), pool }
}

const LOST_RACE = new Set(['40001', '40P01']) // serialization_failure, deadlock_detected

/** Tries `work` up to `tries` times, each time in a new transaction. Never nest it: the inner one would not see the outer. */
export const transactor =
  (db: Db, tries = 3): Transact =>
  async (work) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await db.transaction().execute(work)
      } catch (error) {
        const lostRace = error instanceof pg.DatabaseError && LOST_RACE.has(error.code ?? '')
        if (!lostRace || attempt === tries) throw error
      }
    }
  }

/** The constraint that a statement broke, for stores that turn it into a {@link Refusal}. */
export const brokenConstraint = (error: unknown): string | undefined =>
  error instanceof pg.DatabaseError ? error.constraint : undefined
