import { addDays, type CivilDate, isCivilDate, type Stay } from '@ihome/core/calendar'
import type { LocationQuery } from '../../platform/address.ts'

export const firstOf = (query: LocationQuery, name: string): string | undefined => {
  const value = query[name]
  const first = Array.isArray(value) ? value[0] : value
  return first === null || first === undefined || first === '' ? undefined : first
}

export interface AskedDates {
  readonly sd: CivilDate | undefined
  readonly ed: CivilDate | undefined
  /** Something stood there that is no date to come; it is left out and the page says so. */
  readonly dropped: boolean
}

/** Nobody can begin a stay later than this, or stay longer (product.md 2.6). */
const HORIZON_DAYS = 365

/** The dates of an address. Past, far and unreal ones and an end before the start are dropped, never an error. */
export function datesOf(query: LocationQuery, today: CivilDate): AskedDates {
  const asked = { sd: firstOf(query, 'sd'), ed: firstOf(query, 'ed') }
  const sd =
    asked.sd && isCivilDate(asked.sd) && asked.sd >= today && asked.sd <= addDays(today, HORIZON_DAYS)
      ? asked.sd
      : undefined
  const latest = addDays(sd ?? today, HORIZON_DAYS)
  const ed = asked.ed && isCivilDate(asked.ed) && asked.ed > (sd ?? today) && asked.ed <= latest ? asked.ed : undefined
  const isWhole = asked.sd === sd && asked.ed === ed
  // An end whose start was dropped would ask for something that nobody meant.
  if (asked.sd !== undefined && sd === undefined) return { sd: undefined, ed: undefined, dropped: true }
  return { sd, ed, dropped: !isWhole }
}

export const stayOf = ({ sd, ed }: Pick<AskedDates, 'sd' | 'ed'>): Stay | undefined =>
  sd !== undefined && ed !== undefined ? { start_date: sd, end_date: ed } : undefined

const LAST = 'last-stay'

/** Keeps the stay that was chosen last in this tab, for pages that are reached without one. */
export function rememberStay(stay: Stay | undefined): void {
  try {
    if (stay) sessionStorage.setItem(LAST, JSON.stringify(stayQuery(stay)))
  } catch {
    // Without storage such pages show no dates.
  }
}

/** The stay that was chosen last, as an address carries it. */
export function lastStayQuery(): Record<string, string> {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(LAST) ?? '{}')
    return typeof kept === 'object' && kept !== null ? (kept as Record<string, string>) : {}
  } catch {
    return {}
  }
}

/** The part of an address that carries a stay on to the next page. */
export const stayQuery = (stay: Stay | undefined): Record<string, string> =>
  stay ? { sd: stay.start_date, ed: stay.end_date } : {}
