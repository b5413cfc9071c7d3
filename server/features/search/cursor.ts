import type { HouseSort } from '@ihome/contract/schemas/houses'

/** Where a list goes on: after the last house that was looked at, in the order of `sort`. */
export interface Cursor {
  readonly sort: HouseSort
  /** The house's place in the order: an instant as the database writes it, or a number as text. */
  readonly place: string
  readonly id: number
  /** Page and pages of the list so far, so that going on needs no new count. */
  readonly page: number
  readonly totalPage: number
}

const VERSION = 1

/** Opaque to clients. Nothing secret is in it, and whoever alters it only sees another part of a public list. */
export const writeCursor = ({ sort, place, id, page, totalPage }: Cursor): string =>
  Buffer.from(JSON.stringify([VERSION, sort, place, id, page, totalPage])).toString('base64url')

const PLACE: Readonly<Record<HouseSort, RegExp>> = {
  new: /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?\+00$/,
  booking: /^\d{1,9}$/,
  'price-inc': /^\d{1,9}$/,
  'price-des': /^\d{1,9}$/,
}

/** The cursor in `text`, or nothing when it is not one of ours or belongs to another order: the list then starts anew. */
export function readCursor(text: string | undefined, sort: HouseSort): Cursor | undefined {
  if (!text) return undefined
  let parts: unknown
  try {
    parts = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    return undefined // Whatever it was, it was not written by us.
  }
  if (!Array.isArray(parts) || parts.length !== 6) return undefined
  const [version, kept, place, id, page, totalPage] = parts as unknown[]
  if (version !== VERSION || kept !== sort || typeof place !== 'string' || !PLACE[sort].test(place)) return undefined
  if (sort === 'new' && Number.isNaN(Date.parse(place.replace(' ', 'T').replace('+00', 'Z')))) return undefined
  if (!isCount(id, 1, Number.MAX_SAFE_INTEGER) || !isCount(page, 1, 1e6) || !isCount(totalPage, 0, 1e6)) {
    return undefined
  }
  return { sort, place, id, page, totalPage }
}

const isCount = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most
