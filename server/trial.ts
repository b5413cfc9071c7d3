import os from 'node:os'
import path from 'node:path'
import type { AlipaySandbox } from 'alipay-sandbox'
import { developmentSecrets, type Environment } from './platform/development.ts'
import { type EmbeddedDatabase, startEmbeddedDatabase } from './platform/embedded-database.ts'
import { freePort } from './platform/embedded-postgres.ts'

/** What a start without configuration brings along: a database, a gateway and the names that point to them. */
export interface Trial {
  /** The given environment, with everything in it that was missing. */
  readonly env: Environment
  readonly database: EmbeddedDatabase | undefined
  readonly sandbox: AlipaySandbox | undefined
  stop(): Promise<void>
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1'])

/**
 * Fills in, outside production, whatever the environment does not say: secrets in DATA_DIR, an embedded PostgreSQL
 * for a missing DATABASE_URL, an `alipay-sandbox` for a missing ALIPAY_GATEWAY.
 */
export async function prepareTrial(given: Environment, say: (line: string) => void): Promise<Trial> {
  const dataDir = path.resolve(given.DATA_DIR || '.data')
  const host = given.HOST || '127.0.0.1'
  const port = given.PORT === '0' ? await freePort(host) : Number(given.PORT || 3000)
  const reached = reachableAs(host)
  const secrets = await developmentSecrets(dataDir)
  let database: EmbeddedDatabase | undefined
  let sandbox: AlipaySandbox | undefined
  const stop = async () => {
    await sandbox?.stop()
    await database?.postgres.stop()
  }
  try {
    if (!given.DATABASE_URL) database = await startEmbeddedDatabase({ dataDir, say })
    if (!given.ALIPAY_GATEWAY) sandbox = await startSandbox(given, host, path.join(dataDir, 'alipay-sandbox'))
  } catch (error) {
    await stop()
    throw error
  }
  const filled: Environment = {
    ...secrets,
    PUBLIC_ORIGIN: `http://${reached}:${port}`,
    ...(database ? { DATABASE_URL: database.url } : {}),
    ...(sandbox ? gatewayNames(sandbox, reached) : {}),
    ...(sandbox && given.PAYOUTS === 'alipay' ? await certificateNames(sandbox) : {}),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== '')),
    PORT: String(port),
    DATA_DIR: dataDir,
  }
  return { env: filled, database, sandbox, stop }
}

/** Only when nothing else was chosen: whoever names a gateway also names the keys that belong to it. */
async function startSandbox(given: Environment, host: string, dataDir: string): Promise<AlipaySandbox> {
  const { startAlipaySandbox } = await import('alipay-sandbox')
  const port = Number(given.ALIPAY_SANDBOX_PORT || 9021)
  // Whoever opens the shop to the network wants to pay from a phone there, and HOST was their own decision.
  const open = LOOPBACK.has(host) ? {} : { iKnowThisIsATestGateway: true }
  return startAlipaySandbox({ host, port, dataDir, ...open })
}

function gatewayNames(sandbox: AlipaySandbox, reached: string): Environment {
  const { merchant, gatewayUrl } = sandbox
  const gateway = new URL(gatewayUrl)
  gateway.hostname = reached
  return {
    ALIPAY_GATEWAY: gateway.href,
    ALIPAY_APP_ID: merchant.appId,
    ALIPAY_SELLER_ID: merchant.sellerId,
    ALIPAY_PUBLIC_KEY: merchant.alipayPublicKeyPem,
    APP_PRIVATE_KEY: merchant.appPrivateKey,
  }
}

async function certificateNames(sandbox: AlipaySandbox): Promise<Environment> {
  const { appCert, alipayCert, alipayRootCert } = await sandbox.certificates()
  return { APP_CERT: appCert, ALIPAY_CERT: alipayCert, ALIPAY_ROOT_CERT: alipayRootCert }
}

/** The name under which a phone or this machine reaches what listens on `host`. */
function reachableAs(host: string): string {
  if (host === '::1') return '[::1]'
  if (host !== '0.0.0.0' && host !== '::') return host
  const addresses = Object.values(os.networkInterfaces()).flatMap((list) => list ?? [])
  return addresses.find((address) => address.family === 'IPv4' && !address.internal)?.address ?? '127.0.0.1'
}
