import { createVerify } from 'node:crypto'

/**
 * The ways in which published SDKs cut the signed text out of an answer, each written anew from what it does: most
 * search the text for positions instead of parsing it, so a gateway has to write its answers so that all of them agree.
 */
export interface AnswerReader {
  readonly sdk: string
  /** Whether it has a certificate mode at all. */
  readonly certificates: boolean
  /** The text that its signature check is made over, and the signature; throws where the SDK would give up. */
  cut(raw: string, method: string): { readonly signed: string; readonly sign: string }
}

export function readsTrue(reader: AnswerReader, raw: string, method: string, publicKeyPem: string): boolean {
  const { signed, sign } = reader.cut(raw, method)
  return createVerify('RSA-SHA256').update(signed, 'utf8').verify(publicKeyPem, sign, 'base64')
}

const rootOf = (method: string) => `${method.replaceAll('.', '_')}_response`

function found(index: number, what: string): number {
  if (index < 0) throw new Error(`${what} not found`)
  return index
}

const parsedSign = (raw: string) => (JSON.parse(raw) as { sign: string }).sign

/** Fixed offsets from the name of the root key to the last `"sign"` or `"alipay_cert_sn"`, minus one for the comma. */
const phpOffsets: AnswerReader = {
  sdk: 'PHP, offsets from the key',
  certificates: true,
  cut(raw, method) {
    const root = rootOf(method)
    const start = found(raw.indexOf(root), 'root key') + root.length + 2
    const certificate = raw.lastIndexOf('"alipay_cert_sn"')
    const end = (certificate >= 0 ? certificate : found(raw.lastIndexOf('"sign"'), 'sign')) - 1
    return { signed: raw.slice(start, end), sign: parsedSign(raw) }
  },
}

/** Decodes everything and encodes the object again, with Unicode left as it is and slashes escaped. */
const phpReencoding: AnswerReader = {
  sdk: 'PHP, decoded and encoded again',
  certificates: true,
  cut(raw, method) {
    const answer = JSON.parse(raw) as Record<string, unknown>
    return { signed: phpJson(answer[rootOf(method)]), sign: String(answer.sign) }
  },
}

/** json_encode with JSON_UNESCAPED_UNICODE: an empty object has become an empty array by then. */
function phpJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(phpJson).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
    if (entries.length === 0) return '[]'
    return `{${entries.map(([key, item]) => `${phpJson(key)}:${phpJson(item)}`).join(',')}}`
  }
  const text = JSON.stringify(value)
  return text.replaceAll('/', '\\/').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}

/** One pattern for where an object begins, one for where it ends before the signature. */
const pythonPatterns: AnswerReader = {
  sdk: 'Python, patterns',
  certificates: false,
  cut(raw) {
    const begin = /"[a-zA-Z_]+_response"[ \t\n]*:[ \t\n]*\{/.exec(raw)
    const end = /\}[ \t\n]*,[ \t\n]*"sign"[ \t\n]*:[ \t\n]*"/.exec(raw)
    if (!begin || !end) throw new Error('patterns not found')
    const signEnd = raw.indexOf('"', end.index + end[0].length)
    return {
      signed: raw.slice(begin.index + begin[0].length - 1, end.index + 1),
      sign: raw.slice(end.index + end[0].length, signEnd),
    }
  },
}

/** Counts braces from the root key on, without regard to strings. */
const pythonBraces: AnswerReader = {
  sdk: 'Python, counted braces',
  certificates: true,
  cut(raw, method) {
    const start = raw.indexOf('{', found(raw.indexOf(rootOf(method)), 'root key'))
    let depth = 0
    for (let at = start; at < raw.length; at += 1) {
      if (raw[at] === '{') depth += 1
      if (raw[at] === '}') depth -= 1
      if (depth === 0) return { signed: raw.slice(start, at + 1), sign: parsedSign(raw) }
    }
    throw new Error('braces do not close')
  },
}

/** Counts braces outside strings, and refuses an answer in which the root key stands a second time. */
const javaBalanced: AnswerReader = {
  sdk: 'Java, balanced and strict about the root key',
  certificates: true,
  cut(raw, method) {
    const root = rootOf(method)
    const key = found(raw.indexOf(`"${root}"`), 'root key')
    if (raw.lastIndexOf(`"${root}"`) !== key) throw new Error('root key twice')
    const start = key + root.length + 3
    if (raw[start] !== '{') throw new Error('no object right behind the root key')
    let depth = 0
    let quoted = false
    for (let at = start; at < raw.length; at += 1) {
      const char = raw[at]
      if (quoted && char === '\\') at += 1
      else if (char === '"') quoted = !quoted
      else if (!quoted && char === '{') depth += 1
      else if (!quoted && char === '}') depth -= 1
      if (depth === 0) return { signed: raw.slice(start, at + 1), sign: parsedSign(raw) }
    }
    throw new Error('object does not end')
  },
}

/** From the first `_response":` to the first `,"alipay_cert_sn":` or `,"sign":`; the signature is taken as it stands. */
const goFirstFound: AnswerReader = {
  sdk: 'Go, first positions, raw signature',
  certificates: true,
  cut(raw) {
    const start = found(raw.indexOf('_response":'), 'root key') + '_response":'.length
    const certificate = raw.indexOf(',"alipay_cert_sn":')
    const end = certificate >= 0 ? certificate : found(raw.indexOf(',"sign":'), 'sign')
    const mark = found(raw.indexOf('"sign":"'), 'sign') + '"sign":"'.length
    return { signed: raw.slice(start, end), sign: raw.slice(mark, raw.indexOf('"', mark)) }
  },
}

/** From the last occurrence of the root key to the last `"alipay_cert_sn"` or `"sign"`, whichever comes first. */
const goLastFound: AnswerReader = {
  sdk: 'Go, last positions and fixed offsets',
  certificates: true,
  cut(raw, method) {
    const root = rootOf(method)
    const start = found(raw.lastIndexOf(root), 'root key') + root.length + 2
    const signAt = found(raw.lastIndexOf('"sign"'), 'sign')
    const certificate = raw.lastIndexOf('"alipay_cert_sn"')
    const end = (certificate >= 0 ? Math.min(certificate, signAt) : signAt) - 1
    const tail = raw.slice(signAt + '"sign":"'.length)
    return { signed: raw.slice(start, end), sign: tail.slice(0, tail.lastIndexOf('"')) }
  },
}

/** From the first occurrence of the root key to the first `"sign"`, as it was before braces were counted. */
const javaFirstSign: AnswerReader = {
  sdk: 'Java of old, first positions',
  certificates: false,
  cut(raw, method) {
    const root = rootOf(method)
    const start = found(raw.indexOf(root), 'root key') + root.length + 2
    return { signed: raw.slice(start, found(raw.indexOf('"sign"'), 'sign') - 1), sign: parsedSign(raw) }
  },
}

/** Keeps the raw text of the members while decoding, as a decoder with raw messages does. */
const goRawMessage: AnswerReader = {
  sdk: 'Go, raw messages; members in any order',
  certificates: true,
  cut(raw, method) {
    const name = JSON.stringify(rootOf(method))
    if (!raw.startsWith(`{${name}:`)) throw new Error('the object does not come first')
    const { sign, ...others } = JSON.parse(raw) as Record<string, unknown>
    const tail = Object.entries({ ...others, sign }).filter(([key]) => key !== rootOf(method))
    const rest = tail.map(([key, value]) => `,${JSON.stringify(key)}:${JSON.stringify(value)}`).join('')
    if (!raw.endsWith(`${rest}}`)) throw new Error('something else stands beside object, SN and signature')
    return { signed: raw.slice(name.length + 2, raw.length - rest.length - 1), sign: String(sign) }
  },
}

/** One greedy pattern over the whole text. */
const rubyPattern: AnswerReader = {
  sdk: 'Ruby, one pattern',
  certificates: false,
  cut(raw, method) {
    const match = new RegExp(`"${rootOf(method)}":(\\{.*\\}),"sign":"(.+)"\\}$`, 's').exec(raw)
    if (!match) throw new Error('pattern not found')
    const [, signed = '', sign = ''] = match
    return { signed, sign }
  },
}

export const ANSWER_READERS: readonly AnswerReader[] = [
  phpOffsets,
  phpReencoding,
  pythonPatterns,
  pythonBraces,
  javaBalanced,
  javaFirstSign,
  goFirstFound,
  goLastFound,
  goRawMessage,
  rubyPattern,
]
