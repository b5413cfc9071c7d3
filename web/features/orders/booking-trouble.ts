import { isRefusal, type Trouble, troubleText } from '../../platform/trouble.ts'
import type { PrivateSay } from '../../text/private-say.ts'

/** What a refused booking says, and where: at the dates, at the people, or above the button. */
export interface BookingTrouble {
  readonly at: 'dates' | 'guests' | 'form'
  readonly text: string
}

function numberOf(details: unknown, name: string): number | undefined {
  if (typeof details !== 'object' || details === null || !(name in details)) return undefined
  const value: unknown = Object.entries(details).find(([key]) => key === name)?.[1]
  return typeof value === 'number' ? value : undefined
}

/** The sentence of a booking's trouble at its place; nothing for a changed price, which has a sheet of its own. */
export function bookingTrouble(say: PrivateSay, trouble: Trouble | undefined): BookingTrouble | undefined {
  if (!trouble || isRefusal(trouble, 'price_changed')) return undefined
  if (trouble.kind !== 'refusal') return { at: 'form', text: troubleText(say, trouble) }
  switch (trouble.problem) {
    case 'dates_taken':
      return { at: 'dates', text: say('booking.dates_taken') }
    case 'dates_invalid':
      return { at: 'dates', text: say('problem.dates_invalid') }
    case 'stay_too_short': {
      const nights = numberOf(trouble.details, 'min_days')
      return { at: 'dates', text: nights ? say('booking.too_short', { nights }) : say('problem.stay_too_short') }
    }
    case 'stay_too_long': {
      const nights = numberOf(trouble.details, 'max_days')
      return { at: 'dates', text: nights ? say('booking.too_long', { nights }) : say('problem.stay_too_long') }
    }
    case 'too_many_guests': {
      const count = numberOf(trouble.details, 'capacity')
      return { at: 'guests', text: count ? say('booking.too_many_guests', { count }) : say('problem.too_many_guests') }
    }
    case 'house_not_found':
      return { at: 'form', text: say('booking.unlisted') }
    case 'rate_limited':
    case 'overloaded':
    case 'database_unavailable': {
      const seconds = trouble.retryAfterSeconds
      const text = troubleText(say, trouble)
      const wait = seconds !== undefined && say('trouble.wait', { seconds })
      return { at: 'form', text: wait ? say('word.also', { one: text, other: wait }) : text }
    }
    default:
      return { at: 'form', text: troubleText(say, trouble) }
  }
}

/** The price of now, told with `price_changed`. */
export const newAmountOf = (trouble: Trouble | undefined): number | undefined =>
  trouble?.kind === 'refusal' && trouble.problem === 'price_changed' ? numberOf(trouble.details, 'amount') : undefined
