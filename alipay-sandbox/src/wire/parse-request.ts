import { bodyPairs, type Charset, type Pairs, queryPairs, readCharset } from './form-pairs.ts'
import type { Params } from './string-to-sign.ts'

export const MOST_PARAMETERS = 200

export interface ParsedRequest {
  /** Query and body merged, each key once. */
  readonly params: Params
  /** In which it was decoded, and in which its string to sign is encoded. */
  readonly charset: Charset
  /** The first key that came twice with different values. */
  readonly conflict?: string
  readonly tooMany: boolean
}

/**
 * Merges query and body as all SDK styles need it. A key that comes twice with one value counts once; `charset` may
 * differ in case, and then the body's spelling is the signed one.
 */
export function parseRequest(target: string, contentType: string | undefined, body: Buffer): ParsedRequest {
  const { charset, fromQuery, fromBody } = readPairs(queryOf(target), contentType ?? '', body)
  const params: Record<string, string> = Object.create(null)
  let conflict: string | undefined
  for (const [key, value] of [...fromQuery, ...fromBody]) {
    // Pairs such as `?&a=b` leave an empty name behind.
    if (key === '') continue
    const earlier = params[key]
    const agrees = earlier === undefined || earlier === value || (key === 'charset' && same(earlier, value))
    if (!agrees) conflict ??= key
    else params[key] = value
  }
  const tooMany = fromQuery.length + fromBody.length > MOST_PARAMETERS
  return { params, charset, tooMany, ...(conflict !== undefined && { conflict }) }
}

/** `charset` itself is ASCII, so it can be read before it is known; the body's word counts before the query's. */
function readPairs(query: string, contentType: string, body: Buffer) {
  const read = (charset: Charset) => ({
    charset,
    fromQuery: queryPairs(query, charset),
    fromBody: bodyPairs(contentType, body, charset),
  })
  const pairs = read('utf-8')
  const declared = (list: Pairs) => list.find(([key]) => key === 'charset')?.[1]
  const charset = readCharset(declared(pairs.fromBody) ?? declared(pairs.fromQuery) ?? '')
  return charset === 'gbk' ? read('gbk') : pairs
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

/** The path of a request target, also in absolute form (`POST http://host/gateway.do?… HTTP/1.1`). */
export function pathOf(target: string): string {
  const path = target.replace(/^[a-z]+:\/\/[^/?#]*/i, '').split('?', 1)[0]
  return path === undefined || path === '' ? '/' : path
}

/** The query of a request target, without its question mark. */
export function queryOf(target: string): string {
  const mark = target.indexOf('?')
  return mark < 0 ? '' : target.slice(mark + 1)
}
