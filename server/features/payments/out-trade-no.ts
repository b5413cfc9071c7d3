import { createHash } from 'node:crypto'
import { dayInShanghai } from '@ihome/core/calendar'
import type { Random } from '../../platform/random.ts'

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 12 characters of base 62 are 71 bits. */
const RANDOM_CHARACTERS = 12

/**
 * What every number of this environment begins with. It follows from our public origin, so that a test site and the
 * real one on the same merchant account tell their money apart, and a database made anew still knows its own.
 */
export function numberPrefix(publicOrigin: string): string {
  const digest = createHash('sha256').update(publicOrigin).digest()
  return `ih${characters([...digest.subarray(0, 4)])}_`
}

/** A number for one attempt: unguessable, never used before, at most 32 characters so that WeChat Pay takes it too. */
export const newOutTradeNo = (publicOrigin: string, random: Random, now: Date): string =>
  `${numberPrefix(publicOrigin)}${dayInShanghai(now).replaceAll('-', '')}_${randomCharacters(random, RANDOM_CHARACTERS)}`

/** A number for one refund, kept through every retry of it. */
export const newOutRequestNo = (publicOrigin: string, random: Random, now: Date): string =>
  `${numberPrefix(publicOrigin)}r${dayInShanghai(now).replaceAll('-', '')}_${randomCharacters(random, RANDOM_CHARACTERS)}`

/** A number for one transfer to a host, kept through every repeat of it. */
export const newOutBizNo = (publicOrigin: string, random: Random, now: Date): string =>
  `${numberPrefix(publicOrigin)}p${dayInShanghai(now).replaceAll('-', '')}_${randomCharacters(random, RANDOM_CHARACTERS)}`

function randomCharacters(random: Random, count: number): string {
  const kept: number[] = []
  // Bytes past the last whole multiple of 62 are dropped, so that no character is likelier than another.
  while (kept.length < count) kept.push(...[...random.bytes(count * 2)].filter((byte) => byte < 248))
  return characters(kept.slice(0, count))
}

const characters = (bytes: readonly number[]): string => bytes.map((byte) => BASE62[byte % 62]).join('')
