import { parseMultipart } from './multipart.ts'

/** The two character sets that requests may come in. */
export type Charset = 'utf-8' | 'gbk'

/** `utf-8` or `gbk` in any case; nothing for anything else. */
export function readCharset(text: string): Charset | undefined {
  const lower = text.toLowerCase()
  return lower === 'utf-8' || lower === 'gbk' ? lower : undefined
}

export type Pairs = readonly (readonly [string, string])[]

/** The pairs of a query, percent-decoded in its character set. */
export function queryPairs(query: string, charset: Charset): Pairs {
  return charset === 'utf-8' ? [...new URLSearchParams(query)] : gbkPairs(query)
}

/** The pairs of a body of either form type; file parts are left out. */
export function bodyPairs(contentType: string, body: Buffer, charset: Charset): Pairs {
  if (body.length === 0) return []
  const boundary = /^multipart\/form-data\s*;.*\bboundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType)
  if (boundary) return parseMultipart(body, boundary[1] ?? boundary[2] ?? '', charset)
  return charset === 'utf-8' ? [...new URLSearchParams(body.toString('utf8'))] : gbkPairs(body.toString('latin1'))
}

/**
 * By the rules of application/x-www-form-urlencoded, but for the decoder. `text` has one character for each byte. `&`,
 * `=`, `%` and `+` are never part of a two-byte character, so it can be cut before it is decoded.
 */
function gbkPairs(text: string): Pairs {
  return text
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const mark = pair.indexOf('=')
      const [name, value] = mark < 0 ? [pair, ''] : [pair.slice(0, mark), pair.slice(mark + 1)]
      return [decodeGbk(name), decodeGbk(value)] as const
    })
}

const gbk = new TextDecoder('gbk')

function decodeGbk(text: string): string {
  const bytes = text
    .replaceAll('+', ' ')
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return gbk.decode(Buffer.from(bytes, 'latin1'))
}
