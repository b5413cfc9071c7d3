/** The parameters of an address; one that stands there several times is a list. */
export type LocationQuery = Readonly<Record<string, string | readonly string[]>>

/** Where to go: an address, or its parts. Parts without a path stay on the page that is shown. */
export type RouteTarget =
  | string
  | {
      readonly path?: string
      readonly query?: Readonly<Record<string, string | readonly string[] | number | null | undefined>>
    }

export interface Address {
  readonly path: string
  readonly query: LocationQuery
  /** With `#`, or empty. */
  readonly hash: string
  /** As it stands in the address bar. */
  readonly fullPath: string
}

/** Takes time in proportion to the text, however often a name stands in it; `__proto__` is a name like any other. */
export function readQuery(text: string): LocationQuery {
  const query: Record<string, string | string[]> = Object.create(null)
  for (const [name, value] of new URLSearchParams(text)) {
    const before = query[name]
    if (Array.isArray(before)) before.push(value)
    else query[name] = before === undefined ? value : [before, value]
  }
  return query
}

/** Encoded as far as needed: addresses that people see keep their slashes and colons. */
const written = (text: string): string =>
  encodeURIComponent(text).replace(/%(?:2F|3A|2C|40)/g, (code) => decodeURIComponent(code))

function writeQuery(query: Exclude<RouteTarget, string>['query'] = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((one) => one !== undefined && one !== null)
      .map((one) => `${written(name)}=${written(String(one))}`),
  )
  return pairs.length > 0 ? `?${pairs.join('&')}` : ''
}

function readAddress(text: string): Address {
  const [, path = '/', search = '', hash = ''] = /^([^?#]*)(\?[^#]*)?(#.*)?$/.exec(text) ?? []
  return { path: path || '/', query: readQuery(search), hash, fullPath: text }
}

/** The address of a target, seen from the path that is shown. */
export const addressOf = (target: RouteTarget, from: string): Address =>
  readAddress(typeof target === 'string' ? target : (target.path ?? from) + writeQuery(target.query))

/** Turns `/orders/:id(\d+)` and `/:rest(.*)*` into an expression whose groups are the parameters. */
export function patternOf(path: string): RegExp {
  const body = path.replace(
    /[/.]?:(\w+)(?:\(((?:[^()\\]|\\.)*)\))?(\*?)|[.]/g,
    (part, name: string, rule: string, any: string) => {
      if (name === undefined) return `\\${part}`
      const lead = part.startsWith('/') ? '/' : ''
      return any ? `(?:${lead}(?<${name}>${rule ?? '.*'}))?` : `${lead}(?<${name}>${rule ?? '[^/]+'})`
    },
  )
  return new RegExp(`^${body === '/' ? '/' : `${body}/?`}$`)
}
