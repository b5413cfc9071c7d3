import { type CivilDate, dayInShanghai, weekday } from '@ihome/core/calendar'
import type { Say } from './say.ts'

const parts = (date: CivilDate) => ({
  year: Number(date.slice(0, 4)),
  month: Number(date.slice(5, 7)),
  day: Number(date.slice(8)),
})

/** `11月27日` */
export const dayText = (say: Say, date: CivilDate): string => {
  const { month, day } = parts(date)
  return say('date.day', { month, day })
}

/** From Sunday on. */
export const weekdaysText = (say: Say): readonly string[] => say('date.weekdays').split(' ')

export const weekdayText = (say: Say, date: CivilDate): string => weekdaysText(say)[weekday(date)] ?? ''

/** `11月27日 周五` */
export const dayWithWeekday = (say: Say, date: CivilDate): string => {
  const { month, day } = parts(date)
  return say('date.day_weekday', { month, day, weekday: weekdayText(say, date) })
}

/** `2026年11月27日` */
export const fullDayText = (say: Say, date: CivilDate): string => say('date.year_month_day', parts(date))

/** `2026年11月` */
export const monthText = (say: Say, first: CivilDate): string => {
  const { year, month } = parts(first)
  return say('date.month', { year, month })
}

const padded = (date: CivilDate) => ({ month: date.slice(5, 7), day: date.slice(8) })

/** `11/27`, for narrow places. */
export const shortDay = (say: Say, date: CivilDate): string => say('date.short', padded(date))

/** `11/27–11/29` */
export const shortSpan = (say: Say, start: CivilDate, end: CivilDate): string =>
  say('date.span', { start: shortDay(say, start), end: shortDay(say, end) })

/** `11-27`, as the title of a search writes it. */
export const dashedDay = (say: Say, date: CivilDate): string => say('date.dashed', padded(date))

/** The wall clock of Shanghai, `21:40`, whatever the zone of the device. */
export const clockText = (instant: Date): string =>
  new Date(instant.getTime() + 8 * 3_600_000).toISOString().slice(11, 16)

/** `11月24日 14:00`, whatever the day. */
export const instantText = (say: Say, instant: Date): string => {
  const { month, day } = parts(dayInShanghai(instant))
  return say('date.day_time', { month, day, time: clockText(instant) })
}

/** `今天 21:40`, `明天 09:00`, else `11月24日 20:10`. */
export function momentText(say: Say, instant: Date, now: Date): string {
  const time = clockText(instant)
  const day = dayInShanghai(instant)
  if (day === dayInShanghai(now)) return say('date.today_time', { time })
  if (day === dayInShanghai(new Date(now.getTime() + 86_400_000))) return say('date.tomorrow_time', { time })
  return instantText(say, instant)
}
