import type { LocationQuery } from '../../platform/address.ts'
import { firstOf } from '../houses/stay-query.ts'

const PLACE = 'ihome:last-search'
/** What of an address makes a search; its page and its open sheet are no part of one. */
const PARTS = ['aid', 'aname', 'sd', 'ed', 'sk', 'g', 'pmin', 'pmax', 'rooms', 'f', 'fast', 'score']

/** Keeps a search on this phone, to be offered again on return. One that asks for nothing forgets the one before. */
export function rememberSearch(query: LocationQuery): void {
  const asked = PARTS.flatMap((part) => {
    const value = firstOf(query, part)
    return value === undefined ? [] : [[part, value] as const]
  })
  try {
    if (asked.length > 0) localStorage.setItem(PLACE, JSON.stringify(Object.fromEntries(asked)))
    else localStorage.removeItem(PLACE)
  } catch {
    // A browser that keeps nothing has nothing to offer again.
  }
}

/** The search that was made last on this phone, as an address carries it. */
export function lastSearch(): Record<string, string> | undefined {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PLACE) ?? 'null')
    if (typeof kept !== 'object' || kept === null) return undefined
    const known = Object.entries(kept).filter(
      (entry): entry is [string, string] => PARTS.includes(entry[0]) && typeof entry[1] === 'string',
    )
    return known.length > 0 ? Object.fromEntries(known) : undefined
  } catch {
    return undefined
  }
}
