import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { makePrivate, writePrivate } from './data-dir.ts'
import { bare, generateKeys, pkcs8, readPrivateKey, type SandboxKeys } from './keys.ts'

/** What `merchant.json` holds: everything a merchant configures, private keys by path only. */
export interface MerchantFile {
  readonly gateway: string
  readonly appId: string
  readonly sellerId: string
  readonly alipayPublicKey: string
  readonly alipayPublicKeyFile: string
  /** PKCS#1 PEM. */
  readonly appPrivateKeyFile: string
  /** PKCS#8 as one line of base64, which the Java SDK wants. */
  readonly appPrivateKeyPkcs8File: string
}

const keyDir = (dataDir: string) => join(dataDir, 'keys')

/** Keys in the data directory win; others are kept there from the first start on. */
export async function loadKeys(dataDir: string | undefined, given: SandboxKeys | undefined): Promise<SandboxKeys> {
  if (dataDir === undefined) return given ?? generateKeys()
  await makePrivate(keyDir(dataDir))
  const files = { app: join(keyDir(dataDir), 'app-private.pem'), alipay: join(keyDir(dataDir), 'alipay-private.pem') }
  const [app, alipay] = await Promise.all([readIfThere(files.app), readIfThere(files.alipay)])
  if (app !== undefined && alipay !== undefined) return { appPrivateKey: app, alipayPrivateKey: alipay }
  const keys = given ?? (await generateKeys())
  await writePrivate(files.app, keys.appPrivateKey)
  await writePrivate(files.alipay, keys.alipayPrivateKey)
  return keys
}

/** Writes the merchant's side of the configuration next to the journal, anew at every start as the port may differ. */
export async function writeMerchantFiles(
  dataDir: string,
  merchant: Pick<MerchantFile, 'gateway' | 'appId' | 'sellerId' | 'alipayPublicKey'> & {
    readonly appPrivateKey: string
    readonly alipayPublicKeyPem: string
  },
): Promise<MerchantFile> {
  const directory = resolve(keyDir(dataDir))
  const { appPrivateKey, alipayPublicKeyPem, ...open } = merchant
  const file: MerchantFile = {
    ...open,
    alipayPublicKeyFile: join(directory, 'alipay-public.pem'),
    appPrivateKeyFile: join(directory, 'app-private.pem'),
    appPrivateKeyPkcs8File: join(directory, 'app-private-pkcs8.txt'),
  }
  await writePrivate(file.alipayPublicKeyFile, alipayPublicKeyPem)
  await writePrivate(file.appPrivateKeyPkcs8File, `${bare(pkcs8(readPrivateKey(appPrivateKey)))}\n`)
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
  }
  return Object.entries(values)
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
