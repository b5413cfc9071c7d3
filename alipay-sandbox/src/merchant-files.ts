import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { NamedCertificate } from './certificates/certificates.ts'
import { makePrivate, writePrivate } from './data-dir.ts'
import { bare, generateKeys, newPrivateKey, pkcs1, pkcs8, readPrivateKey, type SandboxKeys } from './keys.ts'

/** What `merchant.json` holds: everything a merchant configures, private keys by path only. */
export interface MerchantFile {
  readonly gateway: string
  readonly appId: string
  readonly sellerId: string
  readonly alipayPublicKey: string
  readonly alipayPublicKeyFile: string
  /** PKCS#1 PEM; absent when the merchant brought its own key. */
  readonly appPrivateKeyFile?: string
  /** PKCS#8 as one line of base64, which the Java SDK wants; absent when the merchant brought its own key. */
  readonly appPrivateKeyPkcs8File?: string
  /** For certificate mode: the app's certificate, Alipay's, and the root of both. */
  readonly appCertFile: string
  readonly alipayCertFile: string
  readonly alipayRootCertFile: string
  /** The SNs of these, for SDKs that do not read them from the files. */
  readonly appCertSn: string
  readonly alipayCertSn: string
  readonly alipayRootCertSn: string
  /** The key of content encryption, base64. */
  readonly encryptKeyFile: string
}

/** Where the private keys of a sandbox are. */
export const keyDir = (dataDir: string) => join(dataDir, 'keys')

export const APP_KEY_FILE = 'app-private.pem'
const ALIPAY_KEY_FILE = 'alipay-private.pem'
const ROOT_KEY_FILE = 'root-private.pem'

/**
 * Keys in the data directory win; others are kept there from the first start on, and what a directory of an earlier
 * version lacks is made. Refuses a directory or a key that others can read.
 */
export async function loadKeys(dataDir: string | undefined, given: SandboxKeys | undefined): Promise<SandboxKeys> {
  if (dataDir === undefined) return given ?? generateKeys()
  await makePrivate(keyDir(dataDir))
  const [app, alipay, root] = await Promise.all(
    [APP_KEY_FILE, ALIPAY_KEY_FILE, ROOT_KEY_FILE].map((name) => readSecret(join(keyDir(dataDir), name))),
  )
  const [pair, rootPrivateKey] = await Promise.all([
    app !== undefined && alipay !== undefined
      ? { appPrivateKey: app, alipayPrivateKey: alipay }
      : (given ?? generateKeys()),
    root ?? given?.rootPrivateKey ?? newPrivateKey().then(pkcs1),
  ])
  const keys = { ...pair, rootPrivateKey }
  if (app === undefined || alipay === undefined || root === undefined) await writeKeys(dataDir, keys)
  return keys
}

export async function writeKeys(dataDir: string, keys: SandboxKeys): Promise<void> {
  await writePrivate(join(keyDir(dataDir), APP_KEY_FILE), keys.appPrivateKey)
  await writePrivate(join(keyDir(dataDir), ALIPAY_KEY_FILE), keys.alipayPrivateKey)
  if (keys.rootPrivateKey !== undefined) await writePrivate(join(keyDir(dataDir), ROOT_KEY_FILE), keys.rootPrivateKey)
}

/** The secret of a file that its owner alone can read; nothing if there is none, refused if others can read it. */
export async function readSecret(path: string): Promise<string | undefined> {
  const text = await readIfThere(path)
  if (text === undefined || process.platform === 'win32') return text
  const { mode } = await stat(path)
  if ((mode & 0o077) !== 0) throw new Error(`${path} is a private key and readable by others; run: chmod 600 ${path}`)
  return text
}

/** A certificate to be written for the merchant: whose it is decides the name of its file. */
export interface CertificateFiles {
  readonly alipay: NamedCertificate
  readonly root: NamedCertificate
  /** By app id. */
  readonly apps: ReadonlyMap<string, NamedCertificate>
}

/** Writes the merchant's side of the configuration next to the journal, anew at every start as the port may differ. */
export async function writeMerchantFiles(
  dataDir: string,
  merchant: Pick<MerchantFile, 'gateway' | 'appId' | 'sellerId' | 'alipayPublicKey'> & {
    /** Empty when the merchant brought its own key. */
    readonly appPrivateKey: string
    readonly alipayPublicKeyPem: string
    readonly encryptKey: string
  },
  certificates: CertificateFiles,
): Promise<MerchantFile> {
  const directory = resolve(keyDir(dataDir))
  const { appPrivateKey, alipayPublicKeyPem, encryptKey, ...open } = merchant
  const pkcs8File = join(directory, 'app-private-pkcs8.txt')
  const certFile = (appId: string) => join(directory, `app-cert-${appId}.crt`)
  const file: MerchantFile = {
    ...open,
    alipayPublicKeyFile: join(directory, 'alipay-public.pem'),
    ...(appPrivateKey !== '' && {
      appPrivateKeyFile: join(directory, APP_KEY_FILE),
      appPrivateKeyPkcs8File: pkcs8File,
    }),
    appCertFile: certFile(merchant.appId),
    alipayCertFile: join(directory, 'alipay-cert.crt'),
    alipayRootCertFile: join(directory, 'alipay-root-cert.crt'),
    appCertSn: certificates.apps.get(merchant.appId)?.sn ?? '',
    alipayCertSn: certificates.alipay.sn,
    alipayRootCertSn: certificates.root.sn,
    encryptKeyFile: join(directory, 'app-encrypt-key.txt'),
  }
  await writePrivate(file.alipayPublicKeyFile, alipayPublicKeyPem)
  if (appPrivateKey !== '') await writePrivate(pkcs8File, `${bare(pkcs8(readPrivateKey(appPrivateKey)))}\n`)
  await writePrivate(file.encryptKeyFile, `${encryptKey}\n`)
  await writePrivate(file.alipayCertFile, certificates.alipay.pem)
  await writePrivate(file.alipayRootCertFile, certificates.root.pem)
  for (const [appId, { pem }] of certificates.apps) await writePrivate(certFile(appId), pem)
  await writePrivate(join(dataDir, 'merchant.json'), `${JSON.stringify(file, null, 2)}\n`)
  await writePrivate(join(dataDir, 'merchant.env'), merchantEnv(file))
  return file
}

/** Reads `merchant.json`; nothing if this directory has never seen a start. */
export async function readMerchantFile(dataDir: string): Promise<MerchantFile | undefined> {
  const text = await readIfThere(join(dataDir, 'merchant.json'))
  // Written by writeMerchantFiles and by nobody else.
  return text === undefined ? undefined : (JSON.parse(text) as MerchantFile)
}

export function merchantEnv(file: MerchantFile): string {
  const values = {
    ALIPAY_GATEWAY: file.gateway,
    ALIPAY_APP_ID: file.appId,
    ALIPAY_SELLER_ID: file.sellerId,
    ALIPAY_PUBLIC_KEY: file.alipayPublicKey,
    APP_PRIVATE_KEY_FILE: file.appPrivateKeyFile,
    APP_CERT_FILE: file.appCertFile,
    ALIPAY_CERT_FILE: file.alipayCertFile,
    ALIPAY_ROOT_CERT_FILE: file.alipayRootCertFile,
    APP_CERT_SN: file.appCertSn,
    ALIPAY_ROOT_CERT_SN: file.alipayRootCertSn,
    APP_ENCRYPT_KEY_FILE: file.encryptKeyFile,
  }
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
