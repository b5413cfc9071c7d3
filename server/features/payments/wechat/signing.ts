import { createDecipheriv, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'

const RSA = 'RSA-SHA256'
const SCHEME = 'WECHATPAY2-SHA256-RSA2048'
/** What is older or newer than this is refused, so that a message that was listened to cannot be sent again later. */
const MOST_SKEW_MS = 5 * 60_000
const TAG_BYTES = 16
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/** Who we are to WeChat Pay, with the keys of both sides. */
export interface WechatKeys {
  readonly mchId: string
  readonly mchSerial: string
  readonly own: KeyObject
  readonly theirs: KeyObject
  /** The name under which they sign, `PUB_KEY_ID_…`. */
  readonly theirKeyId: string
  readonly apiV3Key: string
}

export interface GivenKeys {
  readonly mchId: string
  readonly mchSerial: string
  readonly mchPrivateKey: string
  readonly publicKey: string
  readonly publicKeyId: string
  readonly apiV3Key: string
}

export const readWechatKeys = (given: GivenKeys): WechatKeys => ({
  mchId: given.mchId,
  mchSerial: given.mchSerial,
  own: createPrivateKey(given.mchPrivateKey),
  theirs: createPublicKey(given.publicKey),
  theirKeyId: given.publicKeyId,
  apiV3Key: given.apiV3Key,
})

export interface Request {
  readonly method: 'GET' | 'POST'
  /** Path and query. */
  readonly target: string
  readonly body: string
}

/** The `Authorization` of one request (alipay.md 9). */
export function authorization(keys: WechatKeys, { method, target, body }: Request, at: Date, nonce: string): string {
  const timestamp = Math.floor(at.getTime() / 1000)
  const text = `${method}\n${target}\n${timestamp}\n${nonce}\n${body}\n`
  const signature = sign(RSA, Buffer.from(text, 'utf8'), keys.own).toString('base64')
  const fields = { mchid: keys.mchId, nonce_str: nonce, signature, timestamp, serial_no: keys.mchSerial }
  const list = Object.entries(fields).map(([name, value]) => `${name}="${value}"`)
  return `${SCHEME} ${list.join(',')}`
}

/** The headers that sign an answer or a notification, under lower-case names; undefined where one is missing. */
export interface Seal {
  readonly timestamp: string | undefined
  readonly nonce: string | undefined
  readonly signature: string | undefined
  readonly serial: string | undefined
}

/** Why a body is not surely WeChat Pay's; undefined when it is. `at` is when it came. */
export function faultOfSeal(seal: Seal, body: string, keys: WechatKeys, at: Date): string | undefined {
  const { timestamp, nonce, signature, serial } = seal
  if (!timestamp || !nonce || !signature || !serial) return 'sign_missing'
  if (serial !== keys.theirKeyId) return 'other_key'
  if (!/^\d{1,12}$/.test(timestamp)) return 'timestamp'
  if (Math.abs(at.getTime() - Number(timestamp) * 1000) > MOST_SKEW_MS) return 'timestamp'
  const text = Buffer.from(`${timestamp}\n${nonce}\n${body}\n`, 'utf8')
  // Their own probes begin WECHATPAY/SIGNTEST/ and must fail, as they do: no such text is the base64 of a signature.
  if (!BASE64.test(signature) || !verify(RSA, text, keys.theirs, Buffer.from(signature, 'base64'))) return 'sign_wrong'
  return undefined
}

export interface Sealed {
  readonly ciphertext: string
  readonly nonce: string
  readonly associatedData: string
}

/** Opens what a notification carries (AEAD_AES_256_GCM); undefined when it was not sealed with our key. */
export function openSealed({ ciphertext, nonce, associatedData }: Sealed, apiV3Key: string): string | undefined {
  const bytes = Buffer.from(ciphertext, 'base64')
  if (bytes.length <= TAG_BYTES) return undefined
  try {
    const opener = createDecipheriv('aes-256-gcm', Buffer.from(apiV3Key), Buffer.from(nonce), {
      authTagLength: TAG_BYTES,
    })
    opener.setAuthTag(bytes.subarray(-TAG_BYTES))
    opener.setAAD(Buffer.from(associatedData))
    return Buffer.concat([opener.update(bytes.subarray(0, -TAG_BYTES)), opener.final()]).toString('utf8')
  } catch {
    return undefined // A wrong key, tag or nonce: whatever it is, it is not for us.
  }
}
