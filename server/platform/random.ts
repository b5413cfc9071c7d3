import { randomFillSync } from 'node:crypto'

/** Unguessable bytes. Handed in, so that a seeded run can repeat itself. */
export interface Random {
  bytes(count: number): Buffer
}

/** Asking the system costs some microseconds whatever the count, so small wishes share one answer. */
const SHARED_BYTES = 4_096

/** From the system's generator. Every byte is given out once. */
export const systemRandom: Random = createRandom()

function createRandom(): Random {
  const shared = Buffer.alloc(SHARED_BYTES)
  let used = SHARED_BYTES
  return {
    bytes(count) {
      if (count > SHARED_BYTES / 8) return randomFillSync(Buffer.alloc(count))
      if (used + count > SHARED_BYTES) {
        randomFillSync(shared)
        used = 0
      }
      const given = Buffer.from(shared.subarray(used, used + count))
      // What was given out stays in one place only.
      shared.fill(0, used, used + count)
      used += count
      return given
    },
  }
}
