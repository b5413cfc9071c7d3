import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import fs from 'node:fs'

/** What is wrong with the text of a key, as far as the text itself tells. */
export type KeyFault =
  | 'file_unreadable'
  | 'is_public'
  | 'is_private'
  | 'is_certificate'
  | 'is_encrypted'
  | 'armour_differs'
  | 'not_rsa'
  | 'too_short'
  | 'unreadable'

export type ReadKey =
  | { readonly key: KeyObject; readonly form: string }
  | { readonly fault: KeyFault; readonly detail?: string }

type Environment = Readonly<Record<string, string | undefined>>

const LEAST_BITS = 2048
const ARMOUR = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/

/** Which of `NAME` and `NAME_FILE` is set, the text winning as at the start; undefined when neither is. */
export const nameOfKey = (env: Environment, name: string): string | undefined =>
  [name, `${name}_FILE`].find((each) => env[each])

/** Reads a key as the shop would, and says of one that cannot be used what it is instead. */
export function readKey(env: Environment, name: string, kind: 'public' | 'private'): ReadKey {
  let text = env[name]?.replaceAll('\\n', '\n')
  const file = env[`${name}_FILE`]
  if (!text && file) {
    try {
      text = fs.readFileSync(file, 'utf8')
    } catch (error) {
      const detail = error instanceof Error && 'code' in error ? String(error.code) : ''
      return { fault: 'file_unreadable', detail }
    }
  }
  const read = kind === 'public' ? readPublic(text ?? '') : readPrivate(text ?? '')
  if ('fault' in read) return read
  if (read.key.asymmetricKeyType !== 'rsa') return { fault: 'not_rsa', detail: read.key.asymmetricKeyType ?? '' }
  const bits = read.key.asymmetricKeyDetails?.modulusLength ?? 0
  return bits < LEAST_BITS ? { fault: 'too_short', detail: String(bits) } : read
}

function readPublic(text: string): ReadKey {
  const [, label = '', body = ''] = ARMOUR.exec(text) ?? []
  if (label.includes('CERTIFICATE')) return { fault: 'is_certificate' }
  if (label.includes('PRIVATE KEY')) return { fault: 'is_private' }
  const der = Buffer.from(label === '' ? text : body, 'base64')
  const key = attempt(() => createPublicKey(label === '' ? { key: der, format: 'der', type: 'spki' } : text))
  if (key) return { key, form: label === '' ? 'base64' : 'PEM' }
  if (privateIn(der)) return { fault: 'is_private' }
  return { fault: attempt(() => new X509Certificate(der)) ? 'is_certificate' : 'unreadable' }
}

/** Java writes PKCS#8, most others PKCS#1; both are read. An armour that names the other one is not. */
function readPrivate(text: string): ReadKey {
  const [, label = '', body = ''] = ARMOUR.exec(text) ?? []
  if (label.includes('CERTIFICATE')) return { fault: 'is_certificate' }
  if (label.includes('PUBLIC KEY')) return { fault: 'is_public' }
  if (label === 'ENCRYPTED PRIVATE KEY' || body.includes('ENCRYPTED')) return { fault: 'is_encrypted' }
  const der = Buffer.from(label === '' ? text : body, 'base64')
  const inside = privateIn(der)
  if (label === '') {
    if (inside) return { key: inside.key, form: `${inside.form}, base64` }
    const isPublic = attempt(() => createPublicKey({ key: der, format: 'der', type: 'spki' }))
    return { fault: isPublic ? 'is_public' : 'unreadable' }
  }
  const key = attempt(() => createPrivateKey(text))
  if (key) return { key, form: `${inside?.form ?? label}, PEM` }
  return inside ? { fault: 'armour_differs', detail: `${label} / ${inside.form}` } : { fault: 'unreadable' }
}

function privateIn(der: Buffer): { key: KeyObject; form: string } | undefined {
  for (const [type, form] of [
    ['pkcs8', 'PKCS#8'],
    ['pkcs1', 'PKCS#1'],
  ] as const) {
    const key = attempt(() => createPrivateKey({ key: der, format: 'der', type }))
    if (key) return { key, form }
  }
  return undefined
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined // What OpenSSL says of a key it cannot read helps nobody, and may hold parts of it.
  }
}
