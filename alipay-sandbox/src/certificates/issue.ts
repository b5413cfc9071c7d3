import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { isIP } from 'node:net'
import * as der from './der.ts'

/**
 * A distinguished name in the one order that every SDK computes serial numbers from: C, O, OU, CN. Some write that
 * order down instead of reading it from the certificate.
 */
export interface Name {
  readonly c: string
  readonly o: string
  readonly ou: string
  readonly cn: string
}

export interface CertificateWish {
  readonly subject: Name
  readonly publicKey: KeyObject
  readonly issuer: Name
  readonly issuerKey: KeyObject
  readonly notBefore: Date
  readonly notAfter: Date
  /** Tells certificates apart that say the same, such as those of two apps of one company with one key. */
  readonly holder?: string
  /** May issue certificates itself. */
  readonly authority?: boolean
  /** Only for an authority: the host names and addresses that certificates below it may name, and no others. */
  readonly onlyHosts?: readonly string[]
  /** Host names and addresses that a TLS server with this certificate answers for. */
  readonly hosts?: readonly string[]
}

const SHA256_WITH_RSA = der.sequence(der.oid('1.2.840.113549.1.1.11'), der.nothing())

/**
 * Issues an X.509 v3 certificate (RFC 5280), PEM, signed sha256WithRSAEncryption: some SDKs take no other in a chain.
 * The same wish always gives the same bytes, because the serial number is drawn from the wish itself, so a certificate
 * can be made again instead of being kept.
 */
export function issueCertificate(wish: CertificateWish): string {
  const core = [
    SHA256_WITH_RSA,
    nameOf(wish.issuer),
    der.sequence(der.utcTime(wish.notBefore), der.utcTime(wish.notAfter)),
    nameOf(wish.subject),
    spki(wish.publicKey),
    der.explicit(3, der.sequence(...extensions(wish))),
  ]
  const version3 = der.explicit(0, der.unsigned(Buffer.from([2])))
  const body = der.sequence(
    version3,
    der.unsigned(serialOf(Buffer.concat([...core, Buffer.from(wish.holder ?? '')]))),
    ...core,
  )
  const signature = sign('RSA-SHA256', body, wish.issuerKey)
  return pem(der.sequence(body, SHA256_WITH_RSA, der.bits(signature)))
}

/** Positive and of exactly 32 hexadecimal digits: neither a sign byte nor a leading zero that an SDK could drop. */
function serialOf(content: Buffer): Buffer {
  const serial = createHash('sha256').update(content).digest().subarray(0, 16)
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  return serial
}

function nameOf({ c, o, ou, cn }: Name): Buffer {
  const part = (type: string, value: Buffer) => der.setOf(der.sequence(der.oid(type), value))
  return der.sequence(
    part('2.5.4.6', der.printable(c)),
    part('2.5.4.10', der.utf8(o)),
    part('2.5.4.11', der.utf8(ou)),
    part('2.5.4.3', der.utf8(cn)),
  )
}

const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'der' })

function extensions(wish: CertificateWish): Buffer[] {
  const list = [
    extension('2.5.29.14', der.octets(keyId(wish.publicKey))),
    extension('2.5.29.35', der.sequence(der.implicit(0, keyId(createPublicKey(wish.issuerKey))))),
  ]
  if (wish.authority) {
    // keyCertSign and cRLSign.
    list.push(
      critical('2.5.29.19', der.sequence(der.boolean(true))),
      critical('2.5.29.15', der.bits(Buffer.from([0x06]), 1)),
    )
    if (wish.onlyHosts) list.push(critical('2.5.29.30', nameConstraints(wish.onlyHosts)))
    return list
  }
  // digitalSignature, keyEncipherment.
  list.push(critical('2.5.29.19', der.sequence()), critical('2.5.29.15', der.bits(Buffer.from([0xa0]), 5)))
  if (wish.hosts) {
    list.push(
      extension('2.5.29.37', der.sequence(der.oid('1.3.6.1.5.5.7.3.1'))),
      extension('2.5.29.17', der.sequence(...wish.hosts.map(hostName))),
    )
  }
  return list
}

const extension = (id: string, value: Buffer) => der.sequence(der.oid(id), der.octets(value))
const critical = (id: string, value: Buffer) => der.sequence(der.oid(id), der.boolean(true), der.octets(value))

/** RFC 5280 4.2.1.2, method 1. */
function keyId(key: KeyObject): Buffer {
  const bytes = key.export({ type: 'pkcs1', format: 'der' })
  return createHash('sha1').update(bytes).digest()
}

const hostName = (host: string) =>
  isIP(host) ? der.implicit(7, addressBytes(host)) : der.implicit(2, Buffer.from(host, 'ascii'))

/**
 * What is permitted of one kind of name forbids the others of that kind only, so a kind without any host is excluded as
 * a whole.
 */
function nameConstraints(hosts: readonly string[]): Buffer {
  const names = hosts.filter((host) => isIP(host) === 0)
  const addresses = hosts.filter((host) => isIP(host) !== 0)
  const everywhere = (version: 4 | 6) => der.implicit(7, Buffer.alloc(version === 4 ? 8 : 32))
  const permitted = [
    ...names.map(hostName),
    ...addresses.map((host) => {
      const bytes = addressBytes(host)
      return der.implicit(7, Buffer.concat([bytes, Buffer.alloc(bytes.length, 0xff)]))
    }),
  ]
  const excluded = [
    ...(names.length === 0 ? [der.implicit(2, Buffer.alloc(0))] : []),
    ...(addresses.length === 0 ? [everywhere(4), everywhere(6)] : []),
  ]
  const trees = (parts: readonly Buffer[]) => parts.map((part) => der.sequence(part))
  return der.sequence(
    ...(permitted.length > 0 ? [der.implicitSequence(0, ...trees(permitted))] : []),
    ...(excluded.length > 0 ? [der.implicitSequence(1, ...trees(excluded))] : []),
  )
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail] = address.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)))
  const front = groups(head)
  const back = groups(tail ?? '')
  const zeros = Array<number>(tail === undefined ? 0 : 8 - front.length - back.length).fill(0)
  return Buffer.from([...front, ...zeros, ...back].flatMap((group) => [group >> 8, group & 0xff]))
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
