import type { CivilDate, Stay } from '@ihome/core/calendar'
import type { LocationQuery } from '../../platform/address.ts'
import { datesOf, firstOf, stayOf, stayQuery } from '../houses/stay-query.ts'

/** What a guest has chosen so far, as the address of the booking page carries it. */
export interface BookingChoice {
  readonly stay: Stay | undefined
  readonly guests: number
}

export interface AskedChoice extends BookingChoice {
  /** The address held dates that are no dates to come. */
  readonly dropped: boolean
}

/** Reads `sd`, `ed` and `g`; what makes no sense is left out, never an error. */
export function choiceOf(query: LocationQuery, today: CivilDate): AskedChoice {
  const dates = datesOf(query, today)
  const guests = /^[1-9]\d{0,2}$/.exec(firstOf(query, 'g') ?? '')
  return { stay: stayOf(dates), guests: guests ? Number(guests[0]) : 1, dropped: dates.dropped }
}

export const queryOf = ({ stay, guests }: BookingChoice): Record<string, string> => ({
  ...stayQuery(stay),
  ...(guests > 1 ? { g: String(guests) } : {}),
})

/** True when the address says nothing, so that what was chosen earlier in this tab may stand in. */
export const saysNothing = (query: LocationQuery): boolean =>
  firstOf(query, 'sd') === undefined && firstOf(query, 'ed') === undefined && firstOf(query, 'g') === undefined
