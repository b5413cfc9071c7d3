import { parseMultipart } from './multipart.ts'
import type { Params } from './string-to-sign.ts'

export const MOST_PARAMETERS = 200

export interface ParsedRequest {
  /** Query and body merged, each key once. */
  readonly params: Params
  /** The first key that came twice with different values. */
  readonly conflict?: string
  readonly tooMany: boolean
}

/**
 * Merges query and body as all SDK styles need it. A key that comes twice with one value counts once; `charset` may
 * differ in case, and then the body's spelling is the signed one.
 */
export function parseRequest(target: string, contentType: string | undefined, body: Buffer): ParsedRequest {
  const fromQuery = [...new URLSearchParams(queryOf(target))]
  const fromBody = bodyPairs(contentType ?? '', body)
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
  return { params, tooMany, ...(conflict !== undefined && { conflict }) }
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

function bodyPairs(contentType: string, body: Buffer): readonly (readonly [string, string])[] {
  if (body.length === 0) return []
  const boundary = /^multipart\/form-data\s*;.*\bboundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType)
  if (boundary) return parseMultipart(body, boundary[1] ?? boundary[2] ?? '')
  return [...new URLSearchParams(body.toString('utf8'))]
}
