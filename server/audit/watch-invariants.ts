import { sql } from 'kysely'
import type { Db } from '../platform/db.ts'
import type { Deps } from '../platform/deps.ts'
import type { LabelledReading } from '../platform/metrics.ts'
import { INVARIANTS } from './invariants.ts'

/** The queries read whole tables, so a scrape tells what was seen last and never waits for them. */
const LOOK_EVERY_MS = 10 * 60_000
const STATEMENT_LIMIT_MS = 60_000

export interface InvariantWatch {
  readonly gauge: LabelledReading
  /** Asks all of them now, at one moment. What cannot be asked is logged and forgets what was seen before. */
  look(): Promise<void>
}

/**
 * The gauge `invariant_violations{id}`: how many rows break each invariant that holds also while something is under way.
 * Until the first look has ended, and after one that failed, it has no values at all.
 */
export function watchInvariants({ db, clock, log }: Pick<Deps, 'db' | 'clock' | 'log'>): InvariantWatch {
  let seen: ReadonlyMap<string, number> = new Map()
  let lookedAt = Number.NEGATIVE_INFINITY
  let looking: Promise<void> | undefined

  const look = async (): Promise<void> => {
    lookedAt = clock.now().getTime()
    try {
      seen = await countViolations(db)
    } catch (error) {
      seen = new Map()
      log.error({ err: error }, 'invariants_not_checked')
    }
  }
  return {
    look,
    gauge: {
      name: 'invariant_violations',
      help: 'Rows that break what may never be otherwise, by the id of the promise',
      label: 'id',
      readAll() {
        if (!looking && clock.now().getTime() - lookedAt >= LOOK_EVERY_MS) {
          looking = look().finally(() => {
            looking = undefined
          })
        }
        return seen
      },
    },
  }
}

const countViolations = (db: Db): Promise<ReadonlyMap<string, number>> =>
  db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (moment) => {
      await sql`set local statement_timeout = ${sql.lit(STATEMENT_LIMIT_MS)}`.execute(moment)
      const counts = new Map<string, number>()
      for (const { id, sql: text, atRest } of INVARIANTS) {
        if (atRest) continue
        const { rows } = await sql.raw<object>(text).execute(moment)
        counts.set(id, rows.length)
      }
      return counts
    })
