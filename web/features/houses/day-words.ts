import { type CivilDate, type DayRefusal, endsOnly, type StayRules } from '@ihome/core/calendar'
import { dayText } from '../../text/dates.ts'
import type { Say } from '../../text/say.ts'

/** Why a day cannot be chosen, as a sentence that helps to choose another. */
export function whyNot(say: Say, date: CivilDate, refusal: DayRefusal, rules: StayRules): string {
  const day = dayText(say, date)
  switch (refusal.kind) {
    case 'past':
      return say('calendar.why_past')
    case 'beyond_horizon':
      return say('calendar.why_horizon', { days: refusal.days })
    case 'taken':
      return endsOnly(date, rules) ? say('calendar.why_ends_only', { day }) : say('calendar.why_taken', { day })
    case 'gap_too_short':
      return say('calendar.why_gap', { day, free: refusal.free, nights: refusal.nights })
    case 'stay_too_short':
      return say('calendar.why_short', { nights: refusal.nights })
    case 'stay_too_long':
      return say('calendar.why_long', { nights: refusal.nights })
    case 'taken_between':
      return say('calendar.why_between', { day: dayText(say, refusal.latest) })
  }
}
