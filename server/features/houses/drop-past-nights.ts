import { dayInShanghai } from '@ihome/core/calendar'
import { sql } from 'kysely'
import type { Deps } from '../../platform/deps.ts'
import type { Job } from '../../platform/jobs.ts'

const BATCH = 500
const HOUR_MS = 3_600_000

/**
 * Takes nights before today out of `houses.busy`, so that the column stays short; nobody searches for the past. Gives
 * how many houses it changed. Houses that somebody has locked are left for the next time.
 */
export async function dropPastNights({ db, clock }: Pick<Deps, 'db' | 'clock'>): Promise<number> {
  const today = dayInShanghai(clock.now())
  const { numAffectedRows = 0n } = await sql`
    update houses set busy = busy * datemultirange(daterange(${today}::date, null))
    where id in (select id from houses where lower(busy) < ${today}::date order by id limit ${BATCH}
                 for no key update skip locked)`.execute(db)
  return Number(numAffectedRows)
}

export const pastNightsJob = (deps: Pick<Deps, 'db' | 'clock'>): Job => ({
  name: 'drop_past_nights',
  everyMs: HOUR_MS,
  run: () => dropPastNights(deps),
})
