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
  // A Map is walked forwards only; its values alone are a tenth of the work of its pairs.
  const values = [...all.values()]
  const behind = before === undefined ? undefined : all.get(before)
  const from = before === undefined ? values.length : values.lastIndexOf(behind as T)
  for (let index = from - 1; index >= 0 && page.length < limit; index -= 1) {
    const one = values[index]
    if (one !== undefined && fits(one)) page.push(one)
  }
  return page
}
