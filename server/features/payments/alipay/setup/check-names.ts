import { createPublicKey, type KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import { signText } from '../signing.ts'
import { nameOfKey, type ReadKey, readKey } from './read-key.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** One thing that was looked at. `code` names a sentence of check-words.ts, `about` fills its gaps. */
export interface Finding {
  readonly level: 'right' | 'note' | 'wrong'
  readonly code: string
  readonly about?: Readonly<Record<string, string>>
}

export interface Setup {
  readonly gateway: URL
  readonly appId: string
  readonly app: KeyObject
  readonly alipay: KeyObject
}

const REAL_GATEWAY = 'openapi.alipay.com'
const REAL_SANDBOX = 'openapi-sandbox.dl.alipaydev.com'
const RETIRED_SANDBOX = 'openapi.alipaydev.com'
/** Where `alipay-sandbox` listens when told nothing else, as server/platform/config.ts refuses it in production. */
const OWN_SANDBOX = ['127.0.0.1:9021', 'localhost:9021', '[::1]:9021']

export const wrong = (code: string, about?: Record<string, string>): Finding => ({
  level: 'wrong',
  code,
  ...(about ? { about } : {}),
})

/** What the environment says, before anybody is asked. `setup` is there when it is enough to ask the gateway. */
export function checkNames(env: Environment): { findings: Finding[]; setup: Setup | undefined } {
  const findings: Finding[] = []
  const missing = ['PUBLIC_ORIGIN', 'ALIPAY_GATEWAY', 'ALIPAY_APP_ID', 'ALIPAY_SELLER_ID'].filter((name) => !env[name])
  for (const name of ['ALIPAY_PUBLIC_KEY', 'APP_PRIVATE_KEY']) if (!nameOfKey(env, name)) missing.push(name)
  if (missing.length > 0) findings.push(wrong('names_missing', { names: missing.join(', ') }))
  const gateway = checkGateway(env, findings)
  checkIdentity(env, gateway, findings)
  checkOrigin(env, gateway, findings)
  const app = checkKey(env, 'APP_PRIVATE_KEY', 'private', findings)
  const alipay = checkKey(env, 'ALIPAY_PUBLIC_KEY', 'public', findings)
  if (app && alipay && createPublicKey(app).equals(alipay)) {
    findings.push(wrong('own_public_key'))
    return { findings, setup: undefined }
  }
  if (app && alipay && signs(app, alipay)) findings.push({ level: 'right', code: 'signs' })
  const appId = env.ALIPAY_APP_ID
  const setup = gateway && app && alipay && appId ? { gateway, appId, app, alipay } : undefined
  return { findings, setup }
}

const signs = (app: KeyObject, alipay: KeyObject): boolean => signText('probe', { app, alipay }).length > 0

function checkGateway(env: Environment, findings: Finding[]): URL | undefined {
  const text = env.ALIPAY_GATEWAY
  if (!text) return undefined
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) {
    findings.push(wrong('gateway_no_url'))
    return undefined
  }
  const gateway = new URL(text)
  const { hostname, host, protocol } = gateway
  if (hostname === RETIRED_SANDBOX) findings.push(wrong('gateway_retired', { gateway: `https://${REAL_SANDBOX}` }))
  const play = OWN_SANDBOX.includes(host) || hostname.endsWith('alipaydev.com')
  if (env.NODE_ENV === 'production' && play) findings.push(wrong('play_in_production'))
  if (protocol === 'http:' && !isNear(hostname)) findings.push(wrong('gateway_plain'))
  if (!gateway.pathname.endsWith('/gateway.do')) findings.push(wrong('gateway_path', { path: gateway.pathname }))
  return gateway
}

const APP_ID = /^\d{16}$/
const SELLER_ID = /^2088\d{12}$/

function checkIdentity(env: Environment, gateway: URL | undefined, findings: Finding[]): void {
  const { ALIPAY_APP_ID: appId, ALIPAY_SELLER_ID: sellerId } = env
  if (appId && SELLER_ID.test(appId)) findings.push(wrong('app_id_is_seller'))
  else if (appId && !APP_ID.test(appId)) findings.push(wrong('app_id_shape'))
  else if (appId && gateway?.hostname === REAL_GATEWAY && appId.startsWith('9021')) {
    findings.push(wrong('app_id_of_sandbox'))
  }
  if (sellerId && !SELLER_ID.test(sellerId)) findings.push(wrong('seller_id_shape'))
  else if (sellerId) findings.push({ level: 'note', code: 'seller_id_unproven' })
}

/** Alipay calls back; to an address at home it cannot. */
function checkOrigin(env: Environment, gateway: URL | undefined, findings: Finding[]): void {
  const origin = env.PUBLIC_ORIGIN
  if (!origin) return
  if (!/^https?:\/\/[^/?#]+$/.test(origin) || !URL.canParse(origin)) {
    findings.push(wrong('origin_shape'))
    return
  }
  const outside = gateway !== undefined && !isNear(gateway.hostname)
  const url = new URL(origin)
  if (outside && isNear(url.hostname)) findings.push(wrong('origin_unreachable', { origin }))
  else if (outside && url.protocol === 'http:') findings.push({ level: 'note', code: 'origin_plain' })
  else findings.push({ level: 'right', code: 'notify_address', about: { url: `${origin}/api/v1.0/pay/alipay/notify` } })
}

/** This machine or its own network. */
function isNear(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, '')
  if (name === 'localhost' || name.endsWith('.local')) return true
  return isIP(name) !== 0 && /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|::1$|f[cd])/.test(name)
}

function checkKey(
  env: Environment,
  name: 'APP_PRIVATE_KEY' | 'ALIPAY_PUBLIC_KEY',
  kind: 'public' | 'private',
  findings: Finding[],
): KeyObject | undefined {
  const given = nameOfKey(env, name)
  if (!given) return undefined
  const read: ReadKey = readKey(env, name, kind)
  if ('fault' in read) {
    findings.push(wrong(`key_${read.fault}`, { name: given, detail: read.detail ?? '' }))
    return undefined
  }
  const bits = String(read.key.asymmetricKeyDetails?.modulusLength ?? '')
  findings.push({ level: 'right', code: 'key_read', about: { name: given, form: read.form, bits } })
  return read.key
}
