import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto'
import { promisify } from 'node:util'

/** Private keys of one sandbox, PEM. Pass them to several sandboxes to save the time of making them. */
export interface SandboxKeys {
  readonly appPrivateKey: string
  readonly alipayPrivateKey: string
  /** Vouches for the certificates of certificate mode; made when it is first needed. */
  readonly rootPrivateKey?: string
}

/** Two new RSA-2048 keys; some 100 to 500 ms. */
export async function generateKeys(): Promise<SandboxKeys> {
  const [app, alipay] = await Promise.all([newPrivateKey(), newPrivateKey()])
  return { appPrivateKey: pkcs1(app), alipayPrivateKey: pkcs1(alipay) }
}

/** RSA-2048; some 100 to 500 ms on the thread pool. */
export async function newPrivateKey(): Promise<KeyObject> {
  return (await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })).privateKey
}

/** `-----BEGIN RSA PRIVATE KEY-----`: the one spelling that every SDK takes without being told the type. */
export const pkcs1 = (key: KeyObject) => key.export({ type: 'pkcs1', format: 'pem' }).toString()

export const pkcs8 = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString()

/** A PEM text as one line of base64, the form Alipay's console shows. */
export const bare = (pem: string) => pem.replace(/-----[^-]+-----/g, '').replace(/\s+/g, '')

/** Reads a private key as merchants keep them: PEM of either kind, or bare base64 of either kind. */
export function readPrivateKey(text: string): KeyObject {
  if (text.includes('-----')) return createPrivateKey(text)
  const der = Buffer.from(text.trim(), 'base64')
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  } catch {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs1' })
  }
}

/** Reads a public key: SPKI as PEM or as bare base64. */
export function readPublicKey(text: string): KeyObject {
  if (text.includes('-----')) return createPublicKey(text)
  return createPublicKey({ key: Buffer.from(text.trim(), 'base64'), format: 'der', type: 'spki' })
}

/** The public half of either kind of key, SPKI PEM. */
export function publicPem(key: KeyObject): string {
  const half = key.type === 'public' ? key : createPublicKey(key)
  return half.export({ type: 'spki', format: 'pem' }).toString()
}

/** RSA2 over the bytes or over a text as UTF-8, base64. Runs on the thread pool, so that signing does not hold up other requests. */
export function signText(key: KeyObject, text: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    signBytes('RSA-SHA256', bytesOf(text), key, (error, signature) => {
      if (error) reject(error)
      else resolve(signature.toString('base64'))
    })
  })
}

const bytesOf = (text: string | Buffer) => (typeof text === 'string' ? Buffer.from(text) : text)

/** The same at once, for the one page that is drawn without waiting. */
export const signTextNow = (key: KeyObject, text: string) =>
  signBytes('RSA-SHA256', Buffer.from(text), key).toString('base64')

/** False, never an exception, for a signature that is not base64 or has the wrong length. */
export function verifyText(
  key: KeyObject,
  text: string | Buffer,
  signature: string,
  signType: 'RSA2' | 'RSA' = 'RSA2',
): boolean {
  if (!/^[0-9A-Za-z+/]+={0,2}$/.test(signature)) return false
  const algorithm = signType === 'RSA2' ? 'RSA-SHA256' : 'RSA-SHA1'
  return verifyBytes(algorithm, bytesOf(text), key, Buffer.from(signature, 'base64'))
}
