import { constants, type KeyObject, verify } from 'node:crypto'
import { encodeGbk } from './gbk.ts'
import { SIGNATURE_CAUSES, type SignatureCause } from './signature-causes.ts'
import { type Params, requestStringToSign } from './string-to-sign.ts'

export interface NamedKey {
  /** For people, such as `app 9021…`. */
  readonly name: string
  readonly publicKey: KeyObject
}

export interface RefusedSignature {
  /** As received, decoded once. */
  readonly params: Params
  /** Registered for the app that the request names. */
  readonly appKey: KeyObject
  readonly alipayKey: KeyObject
  /** Other keys that a confused merchant may have at hand. */
  readonly otherKeys: readonly NamedKey[]
}

export interface SignatureHelp {
  readonly cause: SignatureCause
  /** What the gateway signed for comparison. */
  readonly computed: string
  readonly zh: string
  readonly en: string
}

/** Names the likely reason why a signature was refused, by trying what merchants are known to do wrong. */
export function explainSignature(refused: RefusedSignature): SignatureHelp {
  const computed = requestStringToSign(refused.params)
  const [cause, name] = findCause(refused, computed)
  const filled = (text: string) => text.replace('{name}', name ?? '')
  const { zh, en } = SIGNATURE_CAUSES[cause]
  return { cause, computed, zh: filled(zh), en: filled(en) }
}

type Found = readonly [cause: SignatureCause, name?: string | undefined]

/** Trying is linear in the text and in the number of its parameters; nobody signs this much by mistake. */
const LONGEST_TRIED = 64 * 1024

const NO_SIGNATURE = /^(undefined|null|none|nil|false|nan|\[object .*\])?$/i

function findCause({ params, appKey, alipayKey, otherKeys }: RefusedSignature, computed: string): Found {
  if (sameKey(appKey, alipayKey)) return ['app_key_is_alipays']
  const { sign = '' } = params
  if (NO_SIGNATURE.test(sign)) return ['key_not_read', sign]
  const damage = signDamage(sign)
  // A damaged sign is repaired first, so that a second mistake behind it is found at the next try.
  if (damage) return [damage]
  const signature = signatureBytes(sign)
  if (!signature) return ['not_a_signature']
  if (computed.length > LONGEST_TRIED) return ['unknown']

  const encoded = (text: string) => (isGbk(params) ? encodeGbk(text) : Buffer.from(text))
  const fits = (text: string, key = appKey) => verify('RSA-SHA256', encoded(text), key, signature)
  // Nothing is wrong with it: it was refused for another reason.
  if (fits(computed)) return ['unknown']
  for (const [cause, text, name] of otherTexts(params)) if (fits(text)) return [cause, name]
  if (verify('RSA-SHA256', otherCharset(params, computed), appKey, signature)) return ['wrong_charset']
  const pss = { key: appKey, padding: constants.RSA_PKCS1_PSS_PADDING }
  if (verify('RSA-SHA256', encoded(computed), pss, signature)) return ['padding_pss']
  if (verify('RSA-SHA1', encoded(computed), appKey, signature)) return ['sha1']
  const pairs = [...otherKeys, { name: 'Alipay', publicKey: alipayKey }]
  const owner = pairs.find(({ publicKey }) => fits(computed, publicKey))
  if (owner) return ['wrong_key', owner.name]
  // Characters that no decoder could read: the values came in another charset than they were said to be in.
  return computed.includes('\uFFFD') ? ['wrong_charset'] : ['unknown']
}

const sameKey = (one: KeyObject, other: KeyObject) => one.equals(other)

function signDamage(sign: string): SignatureCause | undefined {
  if (/^[\w+/ ]+={0,2}$/.test(sign) && sign.includes(' ')) return 'sign_plus_damaged'
  return /%2[BF]|%3D/i.test(sign) ? 'sign_double_encoded' : undefined
}

function signatureBytes(sign: string): Buffer | undefined {
  if (!/^[0-9A-Za-z+/]+={0,2}$/.test(sign)) return undefined
  const bytes = Buffer.from(sign, 'base64')
  return bytes.length >= 128 ? bytes : undefined
}

const isGbk = ({ charset = '' }: Params) => charset.toLowerCase() === 'gbk'

const otherCharset = (params: Params, text: string) => (isGbk(params) ? Buffer.from(text) : encodeGbk(text))

/** Every string that a mistake would have made the merchant sign instead, with the mistake. */
function* otherTexts(params: Params): Generator<readonly [SignatureCause, text: string, name?: string]> {
  const { sign: _, ...told } = params
  yield ['sign_type_dropped', joined(entries(told).filter(([key]) => key !== 'sign_type'))]
  yield ['empties_kept', joined(Object.entries(told).sort(byName))]
  yield ['plus_damaged', rewritten(told, (value, key) => (key === 'timestamp' ? value : value.replaceAll(' ', '+')))]
  yield ['double_encoded', rewritten(told, decodedOnceMore)]
  yield ['signed_encoded', rewritten(told, encodeURIComponent)]
  yield ['signed_encoded', rewritten(told, (value) => new URLSearchParams([['', value]]).toString().slice(1))]
  yield ['not_sorted', joined(Object.entries(told).filter(([, value]) => value !== ''))]
  yield ['html_escaped', rewritten(told, htmlEscaped)]
  yield ['html_escaped', rewritten(told, (value) => value.replaceAll('&', '&amp;'))]
  for (const [key] of entries(told)) {
    yield ['parameter_not_signed', joined(entries(told).filter(([name]) => name !== key)), key]
  }
  for (const json of otherSpellings(told.biz_content ?? '')) {
    yield ['biz_content_rewritten', joined(entries({ ...told, biz_content: json }))]
  }
}

const byName = ([a]: [string, string], [b]: [string, string]) => (a < b ? -1 : 1)

/** As the rule wants them: no empties, ASCII order. */
const entries = (params: Params): [string, string][] =>
  Object.entries(params)
    .filter(([, value]) => value !== '')
    .sort(byName)

const joined = (pairs: readonly (readonly [string, string])[]) =>
  pairs.map(([key, value]) => `${key}=${value}`).join('&')

const rewritten = (params: Params, change: (value: string, key: string) => string) =>
  joined(entries(params).map(([key, value]) => [key, change(value, key)]))

function decodedOnceMore(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '))
  } catch {
    return value
  }
}

const htmlEscaped = (value: string) =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** The same JSON as other serializers write it. */
function otherSpellings(text: string): readonly string[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return []
  }
  const compact = JSON.stringify(value)
  const slashed = compact.replaceAll('/', '\\/')
  return [compact, ascii(compact), slashed, ascii(slashed), JSON.stringify(value, undefined, 2), spaced(value)]
}

const ascii = (json: string) =>
  json.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** `{"a": 1, "b": [2, 3]}`, as Python writes it, in ASCII. */
function spaced(value: unknown): string {
  const lines = JSON.stringify(value, undefined, 1)
  return ascii(
    lines
      .replace(/\n\s*([}\]])/g, '$1')
      .replace(/([{[])\n\s*/g, '$1')
      .replace(/,\n\s*/g, ', '),
  )
}
