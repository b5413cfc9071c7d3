import { createHash, X509Certificate } from 'node:crypto'

/**
 * The SN by which gateway and merchant name a certificate: the MD5, in hexadecimal, of its issuer's name, read
 * backwards (`CN=…,OU=…,O=…,C=…`), followed by its serial number in decimal.
 */
export function certificateSn(pem: string): string {
  const { issuer, serialNumber } = new X509Certificate(pem)
  const backwards = issuer.split('\n').reverse().join(',')
  return createHash('md5')
    .update(`${backwards}${BigInt(`0x${serialNumber}`)}`)
    .digest('hex')
}

/** The SN of a chain file: those of its RSA certificates, in order, joined by `_`; others, such as SM2 ones, do not count. */
export function chainSn(pems: string): string {
  const certificates = pems.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return certificates
    .filter((pem) => signatureOid(new X509Certificate(pem).raw).startsWith('1.2.840.113549.1.1.'))
    .map(certificateSn)
    .join('_')
}

/** Which algorithm signed a certificate: the OID that follows its body. */
export function signatureOid(certificate: Buffer): string {
  const outer = element(certificate, 0)
  const body = element(certificate, outer.start)
  const algorithm = element(certificate, body.end)
  const { start, end } = element(certificate, algorithm.start)
  const numbers: number[] = []
  let value = 0
  for (const byte of certificate.subarray(start, end)) {
    value = value * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    // The first two numbers share the first one written.
    if (numbers.length === 0)
      numbers.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)))
    else numbers.push(value)
    value = 0
  }
  return numbers.join('.')
}

/** Where the content of the element at `at` begins and ends. */
function element(bytes: Buffer, at: number): { readonly start: number; readonly end: number } {
  const first = bytes[at + 1] ?? 0
  if (first < 0x80) return { start: at + 2, end: at + 2 + first }
  const count = first & 0x7f
  const start = at + 2 + count
  return { start, end: start + bytes.readUIntBE(at + 2, count) }
}
