export interface PageWish {
  /** At most this many; 100 by default. */
  readonly limit?: number
  /** Only what came before the one with this id: the last id of one page gives the next. */
  readonly before?: string
}

/** The latest first. A page begins behind an id, not at a count, so what happens meanwhile shifts nothing. */
export function pageOf<T>(all: Map<string, T>, wish: PageWish, fits: (one: T) => boolean): T[] {
  const { limit = 100, before } = wish
  const page: T[] = []
  const entries = [...all]
  let beyond = before === undefined
  for (let index = entries.length - 1; index >= 0 && page.length < limit; index -= 1) {
    const entry = entries[index]
    if (!entry) break
    if (beyond && fits(entry[1])) page.push(entry[1])
    if (entry[0] === before) beyond = true
  }
  return page
}
