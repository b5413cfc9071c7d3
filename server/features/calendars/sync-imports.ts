import { dayInShanghai } from '@ihome/core/calendar'
import type { Deps } from '../../platform/deps.ts'
import type { Job } from '../../platform/jobs.ts'
import { lockHouse } from '../houses/lock-house.ts'
import { type ImportRow, leaseDueImports, noteTried, replaceEvents } from './calendar-store.ts'
import { CalendarFault, fetchCalendar } from './fetch-calendar.ts'
import { settleBlocks } from './night-store.ts'
import { NotACalendar, takenStretches } from './read-ical.ts'
import { lastDay } from './set-nights.ts'

type Needs = Pick<Deps, 'db' | 'transact' | 'clock' | 'config' | 'events' | 'log'>

const MINUTE_MS = 60_000
const EVERY_MS = 30 * MINUTE_MS
const LEASE_MS = 2 * MINUTE_MS
const AT_ONCE = 4

/**
 * Reads another site's calendar and puts what it says in the place of what it said before. When it cannot be read the
 * last good reading stands, and the import keeps the reason. Nights of orders stay with the orders.
 */
export async function syncImport(deps: Needs, source: ImportRow, signal?: AbortSignal): Promise<void> {
  const { now } = deps.clock
  const after = () => new Date(now().getTime() + EVERY_MS)
  try {
    const text = await fetchCalendar(source.url, { allowPrivate: !deps.config.production }, signal)
    const today = dayInShanghai(now())
    const stretches = takenStretches(text, today, lastDay(today, deps.config))
    const isKept = await deps.transact(async (tx) => {
      await lockHouse(tx, source.house_id)
      if (!(await replaceEvents(tx, source, stretches))) return false
      await noteTried(tx, source.id, { now: now(), nextAt: after(), fault: null })
      await settleBlocks(tx, source.house_id, today, now())
      return true
    })
    if (isKept) deps.events.publish({ kind: 'calendar_changed', houseId: source.house_id })
  } catch (error) {
    const fault =
      error instanceof CalendarFault ? error.fault : error instanceof NotACalendar ? 'not_a_calendar' : undefined
    if (!fault) throw error
    // The address is a secret of the host's; only its number goes into the log.
    deps.log.info({ import_id: source.id, fault }, 'calendar_not_read')
    await noteTried(deps.db, source.id, { now: now(), nextAt: after(), fault })
  }
}

/** Reads the calendars of other sites that are due. */
export const importsJob = (deps: Needs): Job => ({
  name: 'sync_calendars',
  everyMs: MINUTE_MS,
  run: async (signal) => {
    const due = await leaseDueImports(deps.db, deps.clock.now(), LEASE_MS, AT_ONCE)
    await Promise.all(due.map((source) => syncImport(deps, source, signal)))
    return due.length
  },
})
