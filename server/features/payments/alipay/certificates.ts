import { createHash, createPublicKey, X509Certificate } from 'node:crypto'
import { type Keys, readKeys } from './signing.ts'

/** What certificate mode is configured with: PEM texts. */
export interface CertificateFiles {
  /** Ours, issued for the app. */
  readonly appCert: string
  /** Alipay's own; its key verifies what we are told. */
  readonly alipayCert: string
  /** The chain file of Alipay's roots. */
  readonly alipayRootCert: string
}

export interface CertifiedKeys extends Keys {
  readonly appCertSn: string
  readonly alipayCertSn: string
  readonly rootCertSn: string
}

/**
 * Reads the three certificates with our private key. Throws with a reason, and without key text, when one cannot be
 * read, when the app's certificate is for another key, or when Alipay's is not vouched for by the roots given.
 */
export function readCertificates(files: CertificateFiles, appPrivateKey: string): CertifiedKeys {
  const app = readOne("the app's certificate", files.appCert)
  const alipay = readOne("Alipay's certificate", files.alipayCert)
  const roots = splitChain(files.alipayRootCert).map((pem) => readOne("Alipay's root certificate", pem))
  const counted = roots.filter(isRsaSigned)
  if (counted.length === 0) throw new Error("Alipay's root certificates cannot be read")
  const keys = readKeys({ appPrivateKey, alipayPublicKey: pemOf(alipay) })
  if (!createPublicKey(keys.app).equals(app.publicKey)) {
    throw new Error("the app's certificate is for another key than the app private key")
  }
  if (!isVouchedFor(alipay, roots)) throw new Error("Alipay's certificate is not signed by the root certificates given")
  return {
    ...keys,
    appCertSn: certificateSn(app),
    alipayCertSn: certificateSn(alipay),
    rootCertSn: counted.map(certificateSn).join('_'),
  }
}

const pemOf = (certificate: X509Certificate): string =>
  certificate.publicKey.export({ type: 'spki', format: 'pem' }).toString()

const splitChain = (text: string): string[] =>
  text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []

function readOne(name: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch {
    throw new Error(`${name} cannot be read`)
  }
}

const isVouchedFor = (certificate: X509Certificate, roots: readonly X509Certificate[]): boolean =>
  roots.some((root) => certificate.checkIssued(root) && certificate.verify(root.publicKey))

/** MD5 of the issuer's name, its parts in reverse, and the serial number in decimal (alipay.md 1.7). */
function certificateSn({ issuer, serialNumber }: X509Certificate): string {
  const name = issuer.split('\n').reverse().join(',')
  return createHash('md5')
    .update(name + BigInt(`0x${serialNumber}`).toString())
    .digest('hex')
}

/** DER of the OID prefix 1.2.840.113549.1.1: of a root file's certificates only those signed with RSA are counted. */
const RSA_SIGNATURES = Buffer.from('2a864886f70d010101', 'hex').subarray(0, 8)

/** Reads the algorithm behind the body of a certificate, which the standard library does not tell on Node 20. */
function isRsaSigned({ raw }: X509Certificate): boolean {
  const outer = contentOf(raw, 0)
  const body = contentOf(raw, outer.start)
  const algorithm = contentOf(raw, body.end)
  const oid = contentOf(raw, algorithm.start)
  return raw.subarray(oid.start, oid.start + RSA_SIGNATURES.length).equals(RSA_SIGNATURES)
}

/** Where the content of the DER element at `at` begins and ends. */
function contentOf(bytes: Buffer, at: number): { readonly start: number; readonly end: number } {
  const length = bytes[at + 1] ?? 0
  if (length < 0x80) return { start: at + 2, end: at + 2 + length }
  const count = length & 0x7f
  return { start: at + 2 + count, end: at + 2 + count + bytes.readUIntBE(at + 2, count) }
}
