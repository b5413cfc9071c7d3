import { isPhone } from './phone.ts'

export const NAME_MAX = 30

export type NameFault = 'blank' | 'too_long' | 'not_shown' | 'a_phone'

/** As it is kept: composed, runs of space as one, none around it. */
export const plainName = (typed: string): string => typed.normalize('NFC').replace(/\s+/g, ' ').trim()

/**
 * What is wrong with a name that others will see. A number that somebody could be called by would pass for theirs; one's
 * own is allowed, since every account starts with it.
 */
export function nameFault(name: string, ownPhone: string): NameFault | undefined {
  const length = [...name].length
  if (length === 0) return 'blank'
  if (length > NAME_MAX) return 'too_long'
  // Marks that turn the writing, take no room or say nothing: two names could look the same.
  if (/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/u.test(name) || !/[\p{L}\p{N}\p{S}\p{P}]/u.test(name))
    return 'not_shown'
  const digits = name
    .normalize('NFKC')
    .replace(/[\s-]/g, '')
    .replace(/^\+?86(?=1\d{10}$)/, '')
  return isPhone(digits) && name !== ownPhone ? 'a_phone' : undefined
}
