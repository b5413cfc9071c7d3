import type { DropView, HouseCountQuery } from '@ihome/contract/schemas/houses'
import type { LocationQuery } from '../../platform/address.ts'
import { firstOf } from '../houses/stay-query.ts'

/** What the filter sheet asks for, as address and API write it. */
export type Wishes = Pick<HouseCountQuery, 'g' | 'pmin' | 'pmax' | 'rooms' | 'f' | 'fast' | 'score'>
export type WishName = keyof Wishes

const COUNT = /^([1-9]\d?|100)$/
const YUAN = /^\d{1,5}$/
const SENSE: Readonly<Record<Exclude<WishName, 'f'>, RegExp>> = {
  g: COUNT,
  pmin: YUAN,
  pmax: YUAN,
  rooms: COUNT,
  fast: /^1$/,
  score: /^[1-5]$/,
}

/** The facilities of an address, which says `f=1,16` or, sent by a bare form, `f=1&f=16`. */
export const facilitiesOf = (f: LocationQuery[string] | undefined): number[] => {
  const words = [f ?? ''].flat().flatMap((part) => (part ?? '').split(','))
  return [...new Set(words.filter((word) => /^[1-9]\d{0,5}$/.test(word)).map(Number))].sort((a, b) => a - b)
}

/** The wishes of an address. What makes no sense is left out, never an error. */
export function wishesOf(query: LocationQuery): Wishes {
  const wishes: Record<string, string> = {}
  for (const [name, sense] of Object.entries(SENSE)) {
    const value = firstOf(query, name)
    if (value && sense.test(value)) wishes[name] = value
  }
  const facilities = facilitiesOf(query.f)
  if (facilities.length > 0) wishes.f = facilities.join(',')
  return wishes
}

/** As the badge counts them: a price range is one wish, each facility one of its own. */
export const countWishes = ({ f, pmin, pmax, ...rest }: Wishes): number =>
  Object.values(rest).filter(Boolean).length + (pmin || pmax ? 1 : 0) + facilitiesOf(f).length

/** What changes in the address when one wish is left out. */
export function without(wishes: Wishes, { wish, facility }: DropView): Record<string, string | undefined> {
  switch (wish) {
    case 'aid':
      return { aid: undefined, aname: undefined }
    case 'dates':
      return { sd: undefined, ed: undefined }
    case 'price':
      return { pmin: undefined, pmax: undefined }
    case 'f':
      return {
        f:
          facilitiesOf(wishes.f)
            .filter((id) => id !== facility)
            .join(',') || undefined,
      }
    default:
      return { [wish]: undefined }
  }
}
