import { type CivilDate, isCivilDate } from '../calendar.ts'

/** GB 11643-1999: weights of the first seventeen digits, and the check character by the sum's remainder. */
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const
const CHECK_CHARACTERS = '10X98765432'
const SHAPE = /^\d{17}[\dX]$/

/**
 * First two digits of the region: provinces by GB/T 2260, then Hong Kong, Macao and Taiwan, with 83 for residence
 * permits. Counties are not told apart: they were merged and renamed too often for a list to be right for everybody.
 */
const PROVINCES = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83'.split(' '),
)
const ADULT_YEARS = 18

export type IdCardFault = 'shape' | 'region' | 'birth_date' | 'check_digit' | 'underage'

/** As it is kept: without spaces, the check letter in upper case. */
export const plainIdCard = (typed: string): string => typed.replace(/\s/g, '').toUpperCase()

/** What keeps `idCard` from being the number of a grown person on the day `today`; undefined when nothing does. */
export function idCardFault(idCard: string, today: CivilDate): IdCardFault | undefined {
  if (!SHAPE.test(idCard)) return 'shape'
  if (!PROVINCES.has(idCard.slice(0, 2))) return 'region'
  const born = birthDateOf(idCard)
  if (!isCivilDate(born) || born > today || born < '1900-01-01') return 'birth_date'
  if (checkCharacterOf(idCard) !== idCard.at(-1)) return 'check_digit'
  // Somebody born on 29 February is of age on 1 March, as text compares them too.
  const cameOfAge = `${Number(born.slice(0, 4)) + ADULT_YEARS}${born.slice(4)}`
  return cameOfAge > today ? 'underage' : undefined
}

const birthDateOf = (idCard: string): string => `${idCard.slice(6, 10)}-${idCard.slice(10, 12)}-${idCard.slice(12, 14)}`

/** The eighteenth character that belongs to the first seventeen digits. */
export function checkCharacterOf(idCard: string): string {
  const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(idCard[place]), 0)
  return CHECK_CHARACTERS[sum % CHECK_CHARACTERS.length] ?? ''
}

/** `110***********002X` */
export const maskIdCard = (idCard: string): string => `${idCard.slice(0, 3)}***********${idCard.slice(-4)}`
