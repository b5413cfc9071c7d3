import type { KeyObject } from 'node:crypto'
import type { Engine } from '../engine/engine.ts'
import type { App } from '../engine/model.ts'
import { newPrivateKey, readPrivateKey, type SandboxKeys } from '../keys.ts'
import type { CertificateFiles } from '../merchant-files.ts'
import { type Certificates, makeCertificates } from './certificates.ts'

/** What a merchant configures for certificate mode: PEM, with the SN of each. */
export interface AppCertificates {
  readonly appCert: string
  readonly appCertSn: string
  readonly alipayCert: string
  readonly alipayCertSn: string
  readonly alipayRootCert: string
  readonly alipayRootCertSn: string
}

export function appCertificates({ root, alipay, ofApp }: Certificates, app: App): AppCertificates {
  const own = ofApp(app)
  return {
    appCert: own.pem,
    appCertSn: own.sn,
    alipayCert: alipay.pem,
    alipayCertSn: alipay.sn,
    alipayRootCert: root.pem,
    alipayRootCertSn: root.sn,
  }
}

/** The certificates of a running sandbox. Where no root key was kept it is made when the first of them is asked for. */
export function lazyCertificates(engine: Engine, keys: SandboxKeys, alipay: KeyObject): () => Promise<Certificates> {
  let made: Promise<Certificates> | undefined
  const make = async () => {
    const root = keys.rootPrivateKey === undefined ? await newPrivateKey() : readPrivateKey(keys.rootPrivateKey)
    return makeCertificates({ root, alipay }, (id) => engine.state.accounts.get(id))
  }
  return () => {
    made ??= make()
    return made
  }
}

/** The certificates of every app, to be kept as files. */
export function certificateFiles(engine: Engine, { root, alipay, ofApp }: Certificates): CertificateFiles {
  const apps = new Map([...engine.state.apps.values()].map((app) => [app.id, ofApp(app)]))
  return { root, alipay, apps }
}
