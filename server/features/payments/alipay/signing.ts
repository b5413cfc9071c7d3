import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'

/** Only SHA256withRSA. The sender's word about the algorithm never chooses it (alipay.md 0, 4). */
const RSA2 = 'RSA-SHA256'

export interface Keys {
  /** Ours; signs what we ask. */
  readonly app: KeyObject
  /** Alipay's; verifies what we are told. */
  readonly alipay: KeyObject
}

/**
 * Reads both keys and tries them once. Throws with a reason and without key text when one is unreadable, is not RSA
 * of 2048 bits or more, or when our own public key was given as Alipay's, the most frequent mistake.
 */
export function readKeys(given: { readonly appPrivateKey: string; readonly alipayPublicKey: string }): Keys {
  const app = readKey('the app private key', given.appPrivateKey, createPrivateKey)
  const alipay = readKey("Alipay's public key", given.alipayPublicKey, createPublicKey)
  const own = createPublicKey(app)
  const probe = Buffer.from('爱家租房')
  if (!verify(RSA2, probe, own, sign(RSA2, probe, app))) throw new Error('the app private key does not sign')
  if (own.equals(alipay)) throw new Error("the app's own public key was given as Alipay's")
  return { app, alipay }
}

function readKey(name: string, text: string, read: (key: string) => KeyObject): KeyObject {
  let key: KeyObject
  try {
    key = read(text)
  } catch {
    throw new Error(`${name} cannot be read`) // The cause would carry parts of the key into the log.
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType !== 'rsa' || bits < 2048) throw new Error(`${name} is not RSA of 2048 bits or more`)
  return key
}

/** The text that is signed: `k=v` in the ASCII order of the keys, values as they are before any encoding. */
export const textToSign = (fields: Iterable<readonly [name: string, value: string]>): string =>
  [...fields]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')

export const signText = (text: string, keys: Keys): string =>
  sign(RSA2, Buffer.from(text, 'utf8'), keys.app).toString('base64')

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/** Whether Alipay signed exactly this text. */
export const isSignedByAlipay = (text: string, signature: string, keys: Keys): boolean =>
  BASE64.test(signature) && verify(RSA2, Buffer.from(text, 'utf8'), keys.alipay, Buffer.from(signature, 'base64'))
