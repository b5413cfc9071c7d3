import { HOUSE_SORTS, type HouseListQuery, type HouseSort, PRICE_ASKED_MAX } from '@ihome/contract/schemas/houses'
import { addDays, type CivilDate, isCivilDate, type Stay } from '@ihome/core/calendar'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'

/** What a visitor searches for, normalised: two requests that mean the same are equal here. */
export interface ListFilter {
  readonly areaId: number | undefined
  /** Every one of these nights must be free. */
  readonly stay: Stay | undefined
  readonly sort: HouseSort
  /** At least so many people fit. */
  readonly people?: number | undefined
  readonly priceFromFen?: number | undefined
  readonly priceToFen?: number | undefined
  readonly rooms?: number | undefined
  /** Every one of them must be there; ascending. */
  readonly facilities?: readonly number[] | undefined
  /** Only houses that are booked at once. */
  readonly instant?: boolean | undefined
  readonly score?: number | undefined
}

export interface SearchWindow {
  readonly today: CivilDate
  readonly horizonDays: number
  readonly nightsMax: number
}

/** Pages beyond this are past the end whatever is asked: it bounds what a request can make us walk. */
const LAST_PAGE = 100_000
/** Nobody has more; each one costs a look per house. */
const FACILITIES_MAX = 30

/**
 * Reads the parameters of a search. An empty one counts as absent, as forms send them. Says no with `dates_invalid`
 * (no day, past, beyond the horizon, or not at least one night), with `area_not_found` for what cannot be an area, and
 * with `input_invalid` for other wishes that make no sense.
 */
export const readListFilter = (query: HouseListQuery, window: SearchWindow): ListFilter => ({
  areaId: readArea(query.aid),
  stay: readStay(query.sd, query.ed, window),
  sort: HOUSE_SORTS.find((sort) => sort === query.sk) ?? 'new',
  people: readNumber('g', query.g, 1, 100),
  priceFromFen: fenOf(readNumber('pmin', query.pmin, 0, PRICE_ASKED_MAX)),
  priceToFen: fenOf(readNumber('pmax', query.pmax, 0, PRICE_ASKED_MAX)),
  rooms: readNumber('rooms', query.rooms, 1, 100),
  facilities: readFacilities(query.f),
  instant: readNumber('fast', query.fast, 0, 1) === 1,
  score: readNumber('score', query.score, 1, 5),
})

/** Anything that is not a positive integer means the first page. */
export function readPage(text: string | undefined): number {
  const page = text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : 1
  return Math.min(Math.max(page, 1), LAST_PAGE)
}

function readNumber(field: string, text: string | undefined, least: number, most: number): number | undefined {
  if (!text) return undefined
  const number = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN
  if (number >= least && number <= most) return number
  throw inputInvalid({ field, reason: `must be a whole number from ${least} to ${most}` })
}

const fenOf = (yuan: number | undefined): number | undefined => (yuan === undefined ? undefined : yuan * 100)

function readFacilities(text: string | undefined): readonly number[] | undefined {
  if (!text) return undefined
  const words = text.split(',').filter((word) => word !== '')
  if (words.length > FACILITIES_MAX || !words.every((word) => /^[1-9]\d{0,5}$/.test(word))) {
    throw inputInvalid({ field: 'f', reason: `must be at most ${FACILITIES_MAX} ids with commas between` })
  }
  const ids = [...new Set(words.map(Number))].sort((one, other) => one - other)
  return ids.length > 0 ? ids : undefined
}

function readArea(text: string | undefined): number | undefined {
  if (!text) return undefined
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Refusal('area_not_found')
  return Number(text)
}

/** Only the first day: that night must be free. Only the last: the night before it. */
function readStay(start: string | undefined, end: string | undefined, window: SearchWindow): Stay | undefined {
  if (!start && !end) return undefined
  const farthest = addDays(window.today, window.horizonDays + window.nightsMax)
  for (const day of [start, end]) {
    if (day && !(isCivilDate(day) && day >= window.today && day <= farthest)) throw new Refusal('dates_invalid')
  }
  const stay = { start_date: start || addDays(end ?? '', -1), end_date: end || addDays(start ?? '', 1) }
  const lastStart = addDays(window.today, window.horizonDays)
  if (stay.start_date >= stay.end_date || stay.start_date < window.today || stay.start_date > lastStart) {
    throw new Refusal('dates_invalid')
  }
  return stay
}
