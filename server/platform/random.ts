import { randomBytes } from 'node:crypto'

/** Unguessable bytes. Handed in, so that a seeded run can repeat itself. */
export interface Random {
  bytes(count: number): Buffer
}

export const systemRandom: Random = { bytes: (count) => randomBytes(count) }
