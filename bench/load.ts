import autocannon from 'autocannon'

const WARM_UP_S = 2

export interface LoadWish {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly seconds: number
  /** How many ask at once, each waiting for its answer. */
  readonly connections?: number
}

/** Answers a second. Throws when one is not a 2xx. */
export async function answersPerSecond({ url, headers = {}, seconds, connections = 20 }: LoadWish): Promise<number> {
  const result = await autocannon({ url, headers: { ...headers }, connections, duration: seconds })
  if (result.errors > 0 || result.non2xx > 0) {
    throw new Error(`${url}: ${result.errors} errors, ${result.non2xx} answers that are not 2xx`)
  }
  return result['2xx'] / result.duration
}

/** Lets a server compile what it runs often. */
export const warmUp = (wish: Omit<LoadWish, 'seconds'>): Promise<number> =>
  answersPerSecond({ ...wish, seconds: WARM_UP_S })
