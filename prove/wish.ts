import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { Goal, Trial } from './goal.ts'

/** What the words after `npm run prove --` ask for. */
export interface Wish {
  readonly ids: readonly string[]
  readonly seed: number
  readonly size: Trial['size']
}

type Known = readonly Pick<Goal, 'id' | 'release'>[]

export const usageOf = (known: Known): string =>
  `usage: npm run prove -- ${known.map(({ id }) => id).join(' ')} | --release 1 | --ci [--size small|full] [--seed N]`

/** Undefined when the words cannot be understood or ask for nothing, which must not look like a proof. */
export function readWish(words: readonly string[], known: Known): Wish | undefined {
  const given = parsed(words)
  if (!given) return undefined
  const { values, positionals } = given
  const { size } = values
  const asked = values.ci ? known : known.filter(({ release }) => String(release) === values.release)
  const ids = values.ci || values.release !== undefined ? asked.map(({ id }) => id) : positionals
  const seed = values.seed === undefined ? randomInt(1, 1_000_000) : Number(values.seed)
  if (ids.length === 0 || !Number.isSafeInteger(seed) || (size !== 'small' && size !== 'full')) return undefined
  return { ids, seed, size }
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        seed: { type: 'string' },
        size: { type: 'string', default: 'small' },
        release: { type: 'string' },
        ci: { type: 'boolean', default: false },
      },
    })
  } catch {
    return undefined // an unknown option
  }
}
