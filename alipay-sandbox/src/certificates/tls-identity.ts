import { createPublicKey } from 'node:crypto'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { makePrivate, writePrivate } from '../data-dir.ts'
import { newPrivateKey, pkcs1, readPrivateKey } from '../keys.ts'
import { keyDir, readSecret } from '../merchant-files.ts'
import { issueCertificate, type Name } from './issue.ts'

/** What the TLS listener shows, and what a client has to trust to believe it. */
export interface TlsIdentity {
  /** PEM, as are the other two. */
  readonly caCert: string
  /** Where the data directory holds it; absent in memory. */
  readonly caCertFile?: string
  readonly cert: string
  readonly key: string
}

/** A name that cannot stand in a certificate. */
export class BadTlsHost extends Error {
  override readonly name = 'BadTlsHost'
}

const CA: Name = { c: 'CN', o: 'alipay-sandbox', ou: 'Offline Test TLS', cn: 'alipay-sandbox TLS CA' }
const DAY_MS = 86_400_000
const HOST = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i

/**
 * A CA for exactly these hosts and a certificate for them. The CA's key never leaves the data directory and nothing is
 * installed anywhere: whoever trusts this CA decides so, and even then it can vouch for no other host. Other hosts than
 * last time give another CA certificate with the same key.
 */
export async function tlsIdentity(hosts: readonly string[], dataDir: string | undefined): Promise<TlsIdentity> {
  for (const host of hosts) if (isIP(host) === 0 && !HOST.test(host)) throw new BadTlsHost(`${host} is not a host name`)
  const [first] = hosts
  if (first === undefined) throw new BadTlsHost('a TLS listener needs at least one host name')
  if (dataDir !== undefined) await makePrivate(keyDir(dataDir))
  const [caKey, key] = await Promise.all(
    ['tls-ca-private.pem', 'tls-private.pem'].map((name) => keptKey(name, dataDir)),
  )
  if (!caKey || !key) throw new Error('keys that were just made are missing')

  const caCert = issueCertificate({
    subject: CA,
    publicKey: createPublicKey(caKey),
    issuer: CA,
    issuerKey: caKey,
    notBefore: new Date('2020-01-01T00:00:00Z'),
    notAfter: new Date('2049-12-31T23:59:59Z'),
    authority: true,
    onlyHosts: hosts,
  })
  // TLS clients live in real time, and some refuse certificates that are good for long: so this one is new every start.
  const now = Date.now()
  const cert = issueCertificate({
    subject: { ...CA, ou: 'Offline Test Gateway', cn: first.slice(0, 64) },
    publicKey: createPublicKey(key),
    issuer: CA,
    issuerKey: caKey,
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + 397 * DAY_MS),
    hosts,
  })
  const identity = { caCert, cert, key: pkcs1(key) }
  if (dataDir === undefined) return identity
  const caCertFile = join(resolve(keyDir(dataDir)), 'tls-ca.crt')
  await writePrivate(caCertFile, caCert)
  return { ...identity, caCertFile }
}

async function keptKey(name: string, dataDir: string | undefined) {
  const path = dataDir === undefined ? undefined : join(keyDir(dataDir), name)
  const kept = path === undefined ? undefined : await readSecret(path)
  if (kept !== undefined) return readPrivateKey(kept)
  const made = await newPrivateKey()
  if (path !== undefined) await writePrivate(path, pkcs1(made))
  return made
}
