import { isSignedByAlipay, type Keys } from './signing.ts'

/** The fields of one answer, parsed from exactly the text whose signature was right; or why it cannot be believed. */
export type Verified =
  | { readonly kind: 'signed'; readonly fields: Readonly<Record<string, unknown>> }
  /** Readable but without signature, as errors are that come before the app is known. */
  | { readonly kind: 'unsigned'; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly kind: 'unreadable'; readonly reason: string }

/**
 * Verifies one answer of the gateway. The inner object is cut out of the raw text without parsing the whole, and what
 * is returned is the parse of that very cut: the official SDK verifies one object and returns another when the root
 * key stands twice (alipay.md 8.1, 2). In certificate mode the answer also has to name the certificate `certSn`.
 */
export function verifyResponse(raw: string, method: string, keys: Keys, certSn?: string): Verified {
  const members = membersOf(raw)
  if (!members) return unreadable('not_json')
  const [first] = members
  const root = `${method.replaceAll('.', '_')}_response`
  if (!first || (first.key !== root && first.key !== 'error_response')) return unreadable('root_key_missing')
  if (members.filter(({ key }) => key === first.key).length > 1) return unreadable('root_key_doubled')
  const named = certSn === undefined ? undefined : members.find(({ key }) => key === 'alipay_cert_sn')
  const rest = members.slice(1).filter((member) => member !== named)
  const [sign] = rest
  if (rest.length > 1 || (sign && sign.key !== 'sign')) return unreadable('unexpected_member')
  const fields = parsed(first.text)
  if (!isObject(fields)) return unreadable('not_an_object')
  if (!sign) return { kind: 'unsigned', fields }
  if (certSn !== undefined && (!named || parsed(named.text) !== certSn)) return unreadable('other_certificate')
  const signature = parsed(sign.text)
  if (typeof signature !== 'string' || !isSignedByAlipay(first.text, signature, keys)) {
    return unreadable('signature_wrong')
  }
  if (first.key !== root) return unreadable('root_key_missing')
  return { kind: 'signed', fields }
}

const unreadable = (reason: string): Verified => ({ kind: 'unreadable', reason })

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

interface Member {
  readonly key: string
  /** The value as it stands in the raw text. */
  readonly text: string
}

const SPACE = /[ \t\r\n]*/y
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/sy

/** The members of the outermost object, each with the raw text of its value; undefined for anything else. */
function membersOf(raw: string): Member[] | undefined {
  let at = 0
  const skip = () => {
    SPACE.lastIndex = at
    at += SPACE.exec(raw)?.[0].length ?? 0
  }
  const take = (character: string) => {
    skip()
    if (raw[at] !== character) return false
    at += 1
    return true
  }
  const takeString = () => {
    STRING.lastIndex = at
    const text = STRING.exec(raw)?.[0]
    at += text?.length ?? 0
    return text
  }
  const takeValue = () => {
    skip()
    const from = at
    let depth = 0
    while (at < raw.length) {
      const character = raw[at] as string
      if (character === '"') {
        if (takeString() === undefined) return undefined
        if (depth === 0) return raw.slice(from, at)
        continue
      }
      if (character === '{' || character === '[') depth += 1
      if (character === '}' || character === ']') depth -= 1
      if (depth < 0) return undefined
      at += 1
      if (depth === 0 && (character === '}' || character === ']')) return raw.slice(from, at)
    }
    return undefined
  }

  if (!take('{')) return undefined
  const members: Member[] = []
  do {
    skip()
    const name = takeString()
    const key = name === undefined ? undefined : parsed(name)
    if (typeof key !== 'string' || !take(':')) return undefined
    const text = takeValue()
    if (text === undefined) return undefined
    members.push({ key, text })
  } while (take(','))
  if (!take('}')) return undefined
  skip()
  return at === raw.length ? members : undefined
}
