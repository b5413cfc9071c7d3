import type { AppCertificates } from './certificates/merchant-certificates.ts'
import type { App } from './engine/model.ts'
import { bare, pkcs1, publicPem, readPrivateKey, type SandboxKeys } from './keys.ts'
import { contentCipher } from './wire/content-cipher.ts'

/** What a merchant configures. */
export interface Merchant {
  readonly appId: string
  readonly sellerId: string
  /** PKCS#1 PEM; empty when the merchant brought its own key. */
  readonly appPrivateKey: string
  readonly appPublicKeyPem: string
  /** SPKI as one line of base64, the form Alipay's console shows. */
  readonly alipayPublicKey: string
  readonly alipayPublicKeyPem: string
  /** Of content encryption (`needEncrypt`), base64. */
  readonly encryptKey: string
  /** Hosts that may be named in notify_url besides loopback and private addresses. */
  readonly notifyAllow: readonly string[]
}

/** Fits `new AlipaySdk(sdkConfig)` of alipay-sdk 4.x. */
export interface SdkConfig {
  readonly appId: string
  readonly privateKey: string
  readonly keyType: 'PKCS1'
  readonly signType: 'RSA2'
  readonly alipayPublicKey: string
  readonly gateway: string
  /** Protocol v3 is below it: `AlipaySdk#curl`. */
  readonly endpoint: string
  /** For `needEncrypt`; base64. */
  readonly encryptKey: string
}

/** Fits `new AlipaySdk(certSdkConfig)` of alipay-sdk 4.x in certificate mode. */
export interface CertSdkConfig {
  readonly appId: string
  readonly privateKey: string
  readonly keyType: 'PKCS1'
  readonly signType: 'RSA2'
  readonly gateway: string
  readonly endpoint: string
  readonly encryptKey: string
  /** PEM, as are the other two. */
  readonly appCertContent: string
  readonly alipayPublicCertContent: string
  readonly alipayRootCertContent: string
}

/** What the merchant of an app is told. */
export function merchantOf(app: App, keys: SandboxKeys, notifyAllow: readonly string[]): Merchant {
  const ours = readPrivateKey(keys.appPrivateKey)
  const alipayKey = readPrivateKey(keys.alipayPrivateKey)
  const alipayPublicKeyPem = publicPem(alipayKey)
  return {
    appId: app.id,
    sellerId: app.sellerId,
    appPrivateKey: publicPem(ours) === app.publicKey ? pkcs1(ours) : '',
    appPublicKeyPem: app.publicKey,
    alipayPublicKey: bare(alipayPublicKeyPem),
    alipayPublicKeyPem,
    encryptKey: contentCipher(alipayKey, app.id).key,
    notifyAllow,
  }
}

/** Where a sandbox is reached. */
interface Place {
  readonly endpoint: string
  readonly gatewayUrl: string
}

export const sdkConfigOf = (merchant: Merchant, place: Place): SdkConfig => ({
  ...commonConfig(merchant, place),
  alipayPublicKey: merchant.alipayPublicKey,
})

export const certSdkConfigOf = (merchant: Merchant, place: Place, certificates: AppCertificates): CertSdkConfig => ({
  ...commonConfig(merchant, place),
  appCertContent: certificates.appCert,
  alipayPublicCertContent: certificates.alipayCert,
  alipayRootCertContent: certificates.alipayRootCert,
})

const commonConfig = ({ appId, appPrivateKey, encryptKey }: Merchant, { endpoint, gatewayUrl }: Place) =>
  ({
    appId,
    privateKey: appPrivateKey,
    keyType: 'PKCS1',
    signType: 'RSA2',
    gateway: gatewayUrl,
    endpoint,
    encryptKey,
  }) as const
