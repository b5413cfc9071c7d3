import type { PrivateSay } from '../../text/private-say.ts'

/** Characters of a reason and of a comment, as product.md 2.6 allows them. */
export const REASON_LENGTH = 200
export const COMMENT_LENGTH = 500
/** Characters of a line between guest and host. */
export const MESSAGE_LENGTH = 500

/** Characters as the server and its database count them: an emoji is one. */
export const countCharacters = (text: string): number => [...text.trim()].length

/** Why a text cannot be sent, or nothing when it can. */
export function textFault(say: PrivateSay, text: string, most: number, missing: string): string | undefined {
  const count = countCharacters(text)
  if (count === 0) return missing
  return count > most ? say('text.too_long', { most, over: count - most }) : undefined
}
