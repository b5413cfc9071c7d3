import type { CivilDate } from '@ihome/core/calendar'
import { CHECK_IN_HOUR, CHECK_OUT_HOUR, instantInShanghai } from '@ihome/core/calendar'
import type { Language } from '../pages/built-web.ts'

export interface CalendarStay {
  readonly order_id: number
  readonly title: string
  readonly address: string
  readonly start_date: CivilDate
  readonly end_date: CivilDate
  /** Where the order is looked at. */
  readonly url: string
}

const WORDS = {
  zh: {
    stay: (title: string) => `入住 ${title}`,
    order: (id: number) => `订单编号 ${id}`,
    tomorrow: (title: string) => `明天入住 ${title}`,
  },
  en: {
    stay: (title: string) => `Stay: ${title}`,
    order: (id: number) => `Order ${id}`,
    tomorrow: (title: string) => `Tomorrow: ${title}`,
  },
} as const

/** Line breaks and the signs that mean something in iCalendar (RFC 5545, 3.3.11). */
const escaped = (text: string): string => text.replace(/[\\;,]/g, '\\$&').replace(/\r\n|\r|\n/g, '\\n')

const stamp = (at: Date): string => at.toISOString().replace(/[-:]|\.\d{3}/g, '')

/** Lines are at most 75 bytes, without breaking a sign (RFC 5545, 3.1). */
function folded(line: string): string {
  const parts: string[] = []
  let part = ''
  for (const sign of line) {
    if (Buffer.byteLength(part + sign) > (parts.length === 0 ? 75 : 74)) {
      parts.push(part)
      part = ''
    }
    part += sign
  }
  return [...parts, part].join('\r\n ')
}

/** The stay of an order as a file for a calendar: from check-in to check-out, with a reminder the day before. */
export function calendarOf(stay: CalendarStay, now: Date, lang: Language): string {
  const { order_id: id, title, address, url } = stay
  const words = WORDS[lang]
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//ihome//order//ZH',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    'BEGIN:VEVENT',
    `UID:order-${id}@${new URL(url).hostname}`,
    `DTSTAMP:${stamp(now)}`,
    `DTSTART:${stamp(instantInShanghai(stay.start_date, CHECK_IN_HOUR))}`,
    `DTEND:${stamp(instantInShanghai(stay.end_date, CHECK_OUT_HOUR))}`,
    `SUMMARY:${escaped(words.stay(title))}`,
    `LOCATION:${escaped(address)}`,
    `DESCRIPTION:${escaped(words.order(id))}`,
    `URL:${url}`,
    'BEGIN:VALARM',
    'ACTION:DISPLAY',
    `DESCRIPTION:${escaped(words.tomorrow(title))}`,
    'TRIGGER:-P1D',
    'END:VALARM',
    'END:VEVENT',
    'END:VCALENDAR',
  ]
  return `${lines.map(folded).join('\r\n')}\r\n`
}
