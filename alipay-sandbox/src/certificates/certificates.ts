import { createPublicKey, type KeyObject } from 'node:crypto'
import type { Account, App } from '../engine/model.ts'
import { readPublicKey } from '../keys.ts'
import { type CertificateWish, issueCertificate, type Name } from './issue.ts'
import { certificateSn, chainSn } from './serial-number.ts'

/** A certificate with the SN that gateway and merchant know it by. */
export interface NamedCertificate {
  readonly pem: string
  readonly sn: string
}

/** What certificate mode needs: who vouches, whom the gateway answers as, and who each app is. */
export interface Certificates {
  /** The file that merchants name as Alipay's root certificate. */
  readonly root: NamedCertificate
  /** Of the key that signs answers and notifies. */
  readonly alipay: NamedCertificate
  ofApp(app: App): NamedCertificate
}

const ROOT: Name = { c: 'CN', o: 'alipay-sandbox', ou: 'Offline Test CA', cn: 'alipay-sandbox Root CA' }
const GATEWAY: Name = { c: 'CN', o: 'alipay-sandbox', ou: 'Alipay', cn: 'alipay-sandbox-2088000000000000' }
/** Wide enough for every virtual clock. */
const SINCE = new Date('2020-01-01T00:00:00Z')
const UNTIL = new Date('2049-12-31T23:59:59Z')

/**
 * The certificates of one sandbox, all made from its keys alone: the same keys give the same certificates after every
 * start, so none of them needs to be kept.
 */
export function makeCertificates(
  keys: { readonly root: KeyObject; readonly alipay: KeyObject },
  seller: (id: string) => Account | undefined,
): Certificates {
  const issue = (subject: Name, publicKey: KeyObject, more: Pick<CertificateWish, 'authority' | 'holder'> = {}) =>
    issueCertificate({
      subject,
      publicKey,
      issuer: ROOT,
      issuerKey: keys.root,
      notBefore: SINCE,
      notAfter: UNTIL,
      ...more,
    })
  const root = issue(ROOT, createPublicKey(keys.root), { authority: true })
  const alipay = issue(GATEWAY, createPublicKey(keys.alipay))
  const apps = new Map<string, NamedCertificate>()
  return {
    root: { pem: root, sn: chainSn(root) },
    alipay: named(alipay),
    ofApp(app) {
      // An import may give an app another key.
      const key = `${app.id} ${app.publicKey}`
      const known = apps.get(key)
      if (known) return known
      const account = seller(app.sellerId)
      const subject: Name = {
        c: 'CN',
        o: account?.logonId ?? app.sellerId,
        ou: 'Alipay',
        cn: `${(account?.displayName ?? app.id).slice(0, 40)}-${app.sellerId}`,
      }
      const made = named(issue(subject, readPublicKey(app.publicKey), { holder: app.id }))
      apps.set(key, made)
      return made
    },
  }
}

const named = (pem: string): NamedCertificate => ({ pem, sn: certificateSn(pem) })
