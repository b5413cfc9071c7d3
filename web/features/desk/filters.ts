import type { Route } from '../../platform/page-router.ts'

/** A filter as it stands in the address; undefined when it is empty or stands there several times. */
export function textIn({ query }: Pick<Route, 'query'>, name: string): string | undefined {
  const value = query[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A filter that knows only these values: anything else in the address is as good as none. */
export function oneIn<Value extends string>(
  route: Pick<Route, 'query'>,
  name: string,
  values: readonly Value[],
): Value | undefined {
  const text = textIn(route, name)
  return values.find((value) => value === text)
}

/** Which page of a list is shown and in which order, as the address says. */
export const spanIn = (route: Pick<Route, 'query'>) => ({ p: textIn(route, 'p'), sort: textIn(route, 'sort') })
