import { createCipheriv, createDecipheriv, createHmac, type KeyObject } from 'node:crypto'
import { GatewayError } from './gateway-error.ts'

/** As published: AES/CBC/PKCS#7, and the first block is not varied. */
const ALGORITHM = 'aes-128-cbc'
const IV = Buffer.alloc(16)

/** Hides the contents of one app's messages. */
export interface ContentCipher {
  /** Base64, the form of the console. */
  readonly key: string
  encrypt(text: string): string
  /** Throws {@link GatewayError} for what was not encrypted with this key. */
  decrypt(text: string): string
}

/** The cipher of an app. Its key follows from Alipay's private key, so it stays the same and need not be kept. */
export function contentCipher(alipayPrivateKey: KeyObject, appId: string): ContentCipher {
  const secret = alipayPrivateKey.export({ type: 'pkcs1', format: 'der' })
  const key = createHmac('sha256', secret).update(`content ${appId}`).digest().subarray(0, 16)
  return {
    key: key.toString('base64'),
    encrypt(text) {
      const cipher = createCipheriv(ALGORITHM, key, IV)
      return Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]).toString('base64')
    },
    decrypt(text) {
      try {
        const decipher = createDecipheriv(ALGORITHM, key, IV)
        return Buffer.concat([decipher.update(text, 'base64'), decipher.final()]).toString('utf8')
      } catch {
        throw new GatewayError('40003', 'isv.decryption-error-unknown', '解密出错, 未知错误')
      }
    },
  }
}
