/** Longer than any name on a mainland ID card. */
export const REAL_NAME_MAX = 30

/** Letters of any script, joined by the dots, hyphens, apostrophes and single spaces that names are written with. */
const SHAPE = /^\p{L}[\p{L}\p{M}]*(?:[·•.'’ -][\p{L}\p{M}]+)*$/u

/** As it is kept: composed, without spaces around it. */
export const plainRealName = (typed: string): string => typed.normalize('NFC').trim()

/** Whether this can be the name on an ID card: two characters or more, nothing but letters and what joins them. */
export const isRealName = (name: string): boolean => {
  const length = [...name].length
  return length >= 2 && length <= REAL_NAME_MAX && SHAPE.test(name)
}

/** `张*`: the first character, and one star for all the others. */
export const maskRealName = (name: string): string => `${[...name][0] ?? ''}*`
