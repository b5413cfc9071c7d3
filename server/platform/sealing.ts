import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto'
import type { Config } from './config.ts'
import type { Random } from './random.ts'

/** The first seals, all open. */
export type SealingKeys = Config['piiKeys']

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** A value that cannot be opened: made for something else, under a key that is gone, or changed. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken'
}

/**
 * AES-256-GCM under the first key. `place` says what is sealed and for whom, such as `id_card:7`: moved to another
 * row, it does not open. The result is the length of the key's id, that id, nonce, cipher text and tag.
 */
export function seal(keys: SealingKeys, random: Random, place: string, text: string): Buffer {
  const [first] = keys
  if (!first) throw new Error('there is no key to seal with')
  const keyId = Buffer.from(first.id)
  const nonce = random.bytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, first.key, nonce).setAAD(Buffer.from(place))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([Buffer.of(keyId.length), keyId, nonce, sealed, cipher.getAuthTag()])
}

/** What was sealed at this place. Throws {@link SealBroken}. */
export function unseal(keys: SealingKeys, place: string, sealed: Buffer): string {
  const keyId = sealedUnder(sealed)
  const key = keys.find(({ id }) => id === keyId)
  if (!key) throw new SealBroken('sealed under a key that is not there')
  const body = sealed.subarray(1 + Buffer.byteLength(keyId))
  if (body.length < NONCE_BYTES + TAG_BYTES) throw new SealBroken('too short')
  const opener = createDecipheriv(CIPHER, key.key, body.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(place))
    .setAuthTag(body.subarray(-TAG_BYTES))
  try {
    return opener.update(body.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + opener.final('utf8')
  } catch (cause) {
    throw new SealBroken('does not open at this place', { cause })
  }
}

/** The id of the key that opens it. */
export const sealedUnder = (sealed: Buffer): string => sealed.subarray(1, 1 + (sealed[0] ?? 0)).toString()

/**
 * A digest of `text` under each key, the first key's first: equal texts are found without being readable, also among
 * those that were written before the keys were rotated. Each purpose has digests of its own.
 */
export function keyedDigests(keys: SealingKeys, purpose: string, text: string): Buffer[] {
  return keys.map(({ key }) =>
    createHmac('sha256', Buffer.from(hkdfSync('sha256', key, '', `ihome digest ${purpose}`, 32)))
      .update(text)
      .digest(),
  )
}
