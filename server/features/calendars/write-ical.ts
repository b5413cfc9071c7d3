import type { Stay } from '@ihome/core/calendar'

export interface IcalEvent extends Stay {
  readonly uid: string
  readonly summary: string
}

const LINE_BYTES = 75
const escapeText = (text: string): string =>
  text.replace(/\\/g, '\\\\').replace(/;/g, '\\;').replace(/,/g, '\\,').replace(/\r?\n/g, '\\n')
const dateOf = (date: string): string => date.replaceAll('-', '')
const instantOf = (instant: Date): string => `${instant.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`

/** A line of at most 75 bytes, goes on behind a line break and a space (RFC 5545, 3.1); no character is torn apart. */
function folded(line: string): string {
  const parts: string[] = []
  let part = ''
  let bytes = 0
  for (const character of line) {
    const size = Buffer.byteLength(character)
    if (bytes + size > LINE_BYTES - (parts.length > 0 ? 1 : 0)) {
      parts.push(part)
      part = ''
      bytes = 0
    }
    part += character
    bytes += size
  }
  return [...parts, part].join('\r\n ')
}

/** An iCalendar file (RFC 5545) of whole days, as rental sites exchange them: the last day is the day of leaving. */
export function icalOf(name: string, events: readonly IcalEvent[], now: Date): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//iHome//calendar//ZH',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    `X-WR-CALNAME:${escapeText(name)}`,
    ...events.flatMap(({ uid, summary, start_date, end_date }) => [
      'BEGIN:VEVENT',
      `UID:${escapeText(uid)}`,
      `DTSTAMP:${instantOf(now)}`,
      `DTSTART;VALUE=DATE:${dateOf(start_date)}`,
      `DTEND;VALUE=DATE:${dateOf(end_date)}`,
      `SUMMARY:${escapeText(summary)}`,
      'TRANSP:OPAQUE',
      'END:VEVENT',
    ]),
    'END:VCALENDAR',
  ]
  return `${lines.map(folded).join('\r\n')}\r\n`
}
