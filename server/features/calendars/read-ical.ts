import { runInNewContext } from 'node:vm'
import { addDays, type CivilDate, dayInShanghai, isCivilDate, type Stay } from '@ihome/core/calendar'
import ICAL from 'ical.js'

/** The text is no iCalendar file that can be read. */
export class NotACalendar extends Error {
  override readonly name = 'NotACalendar'
}

const MOST_EVENTS = 5_000
const MOST_REPEATS = 1_000

/**
 * Longer than any calendar of a home takes. Rules can be written that no day ever fits, or that step over a thousand
 * million days at once, and the library would follow them while everybody else waits.
 */
const WITHIN_MS = 1_000

/**
 * The nights that an iCalendar file calls taken, from `from` up to `until`, as stretches; events that were called off or
 * leave the time free are passed over. Times of day are read in Shanghai; an event within one day takes that night.
 *
 * Throws {@link NotACalendar}, also for a file that takes too long to read.
 */
export function takenStretches(text: string, from: CivilDate, until: CivilDate): Stay[] {
  try {
    return within(WITHIN_MS, () => stretchesOf(text, from, until))
  } catch (cause) {
    if (cause instanceof NotACalendar) throw cause
    throw new NotACalendar('the file cannot be read', { cause })
  } finally {
    // The library keeps zones for the whole process; one file's must not tell the time in another's.
    ICAL.TimezoneService.reset()
  }
}

/** Does the work, but throws when it takes longer: the one way to leave a loop in code that is not ours. */
const within = <T>(ms: number, work: () => T): T => runInNewContext('work()', { work }, { timeout: ms }) as T

function stretchesOf(text: string, from: CivilDate, until: CivilDate): Stay[] {
  const events = eventsOf(text)
  const stretches = new Map<string, Stay>()
  const keep = (start: CivilDate, end: CivilDate) => {
    if (!isCivilDate(start) || !isCivilDate(end)) return
    const stretch = { start_date: start < from ? from : start, end_date: end > until ? until : end }
    if (stretch.end_date > stretch.start_date) stretches.set(`${stretch.start_date} ${stretch.end_date}`, stretch)
  }
  for (const event of events) {
    const start = event.startDate
    if (!start) continue
    if (!event.isRecurring()) {
      keep(...nightsOf(start, event.endDate))
      continue
    }
    const repeats = event.iterator()
    for (let count = 0; count < MOST_REPEATS; count += 1) {
      const next = repeats.next()
      if (!next) break
      const { startDate, endDate } = event.getOccurrenceDetails(next)
      const [first, end] = nightsOf(startDate, endDate)
      if (first >= until) break
      keep(first, end)
    }
  }
  return [...stretches.values()].sort((a, b) => (a.start_date < b.start_date ? -1 : 1))
}

function eventsOf(text: string): ICAL.Event[] {
  const calendar = new ICAL.Component(ICAL.parse(text.trim()) as unknown as unknown[])
  if (calendar.name !== 'vcalendar') throw new NotACalendar('the file holds no calendar')
  // Zones that the file brings itself are known only after they were registered.
  for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone)
  return calendar
    .getAllSubcomponents('vevent')
    .slice(0, MOST_EVENTS)
    .filter((event) => !isFree(event))
    .map((event) => new ICAL.Event(event))
}

const isFree = (event: ICAL.Component): boolean =>
  event.getFirstPropertyValue('status') === 'CANCELLED' || event.getFirstPropertyValue('transp') === 'TRANSPARENT'

function nightsOf(start: ICAL.Time, end: ICAL.Time | null): [CivilDate, CivilDate] {
  const first = dayOf(start)
  const last = end ? dayOf(end) : first
  return [first, last > first ? last : addDays(first, 1)]
}

const dayOf = (time: ICAL.Time): CivilDate =>
  time.isDate ? time.toString().slice(0, 10) : dayInShanghai(time.toJSDate())
