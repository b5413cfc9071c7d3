import type { zhCalendar } from './zh-calendar.ts'

/** The English of `zhCalendar`. */
export const enCalendar = {
  'calendar.title': 'Choose dates',
  'calendar.pick_start': 'Choose your check-in date',
  'calendar.pick_end': 'Choose your check-out date',
  'calendar.need_start': 'Please choose a check-in date',
  'calendar.need_end': 'Please choose a check-out date',
  'calendar.today': 'today',
  'calendar.start': 'in',
  'calendar.end': 'out',
  'calendar.ends_only': 'out only',
  'calendar.at_least': 'At least {nights} {nights:night|nights}',
  'calendar.at_least_most': 'At least {nights} {nights:night|nights}, at most {most}',
  'calendar.loading': 'Reading the booked dates',
  'calendar.failed': 'The booked dates could not be read',
  'calendar.day_of': '{weekday} {day}',
  'calendar.spoken_start': 'check-in',
  'calendar.spoken_end': 'check-out',
} satisfies Record<keyof typeof zhCalendar, string>
