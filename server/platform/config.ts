import { createPrivateKey, createPublicKey } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import type { Level } from './log.ts'
import type { S3Settings } from './s3-files.ts'

/** Limits and lifetimes of spec product.md 2.6. Every one can be set by the environment name beside it. */
const Limits = {
  loginFailuresPerAddress: ['LOGIN_FAILURES_PER_ADDRESS', 5],
  loginWindowS: ['LOGIN_WINDOW_S', 600],
  loginFailuresPerAccount: ['LOGIN_FAILURES_PER_ACCOUNT', 20],
  loginAccountWindowS: ['LOGIN_ACCOUNT_WINDOW_S', 900],
  /** Wrong passwords for one account, captcha or not, before only a device that it was used on is let in. */
  loginFailuresPerAccountMost: ['LOGIN_FAILURES_PER_ACCOUNT_MOST', 100],
  captchaS: ['CAPTCHA_S', 180],
  captchasPerMinute: ['CAPTCHAS_PER_MINUTE', 20],
  smsCodeS: ['SMS_CODE_S', 300],
  smsCodeTries: ['SMS_CODE_TRIES', 5],
  smsPauseS: ['SMS_PAUSE_S', 60],
  smsPerHour: ['SMS_PER_HOUR', 5],
  smsPerDay: ['SMS_PER_DAY', 10],
  smsPerAddressHour: ['SMS_PER_ADDRESS_HOUR', 30],
  /** From everybody to everybody: what a month of abuse may cost. */
  smsPerHourOfAll: ['SMS_PER_HOUR_OF_ALL', 3_000],
  /** How long a second look at who somebody is holds for changes of the account. */
  stepUpS: ['STEP_UP_S', 600],
  passwordMin: ['PASSWORD_MIN', 8],
  passwordMax: ['PASSWORD_MAX', 128],
  sessionIdleS: ['SESSION_IDLE_S', 86_400],
  sessionAbsoluteS: ['SESSION_ABSOLUTE_S', 2_592_000],
  acceptWindowMinutes: ['ACCEPT_WINDOW_MINUTES', 1_440],
  paymentWindowMinutes: ['PAYMENT_WINDOW_MINUTES', 120],
  closingGraceS: ['CLOSING_GRACE_S', 120],
  closingAnswerGapS: ['CLOSING_ANSWER_GAP_S', 60],
  openOrdersPerGuest: ['OPEN_ORDERS_PER_GUEST', 3],
  horizonDays: ['HORIZON_DAYS', 365],
  nightsMax: ['NIGHTS_MAX', 365],
  completeAfterDays: ['COMPLETE_AFTER_DAYS', 15],
  /** Parts of 10 000: 60 is 0.6 %. */
  gatewayFeeBasisPoints: ['GATEWAY_FEE_BASIS_POINTS', 60],
  platformFeeBasisPoints: ['PLATFORM_FEE_BASIS_POINTS', 0],
  cacheS: ['CACHE_S', 7_200],
  listCacheS: ['LIST_CACHE_S', 60],
  homeHouses: ['HOME_HOUSES', 5],
  listPage: ['LIST_PAGE', 10],
  commentsInDetail: ['COMMENTS_IN_DETAIL', 5],
  orderPage: ['ORDER_PAGE', 20],
  photosPerHouse: ['PHOTOS_PER_HOUSE', 20],
  uploadsPerHour: ['UPLOADS_PER_HOUR', 200],
  bodyBytes: ['BODY_BYTES', 65_536],
  idempotencyKeepHours: ['IDEMPOTENCY_KEEP_HOURS', 48],
  /** An operator's partial refund above this many fen needs a second operator (promises, product.md 3.6). */
  refundApprovalFen: ['REFUND_APPROVAL_FEN', 100_000],
  unprovenNoticesPerHour: ['UNPROVEN_NOTICES_PER_HOUR', 2_000],
} as const satisfies Record<string, readonly [name: string, value: number]>

export type Limits = Readonly<Record<keyof typeof Limits, number>>

const LIMIT_ENTRIES = Object.entries(Limits) as [keyof Limits, readonly [name: string, value: number]][]

/** The limits when nothing is set, for tests and tools. */
export const DEFAULT_LIMITS: Limits = Object.freeze(
  Object.fromEntries(LIMIT_ENTRIES.map(([key, [, value]]) => [key, value])) as Record<keyof Limits, number>,
)

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const

const port = (value: number) => Type.Integer({ minimum: 0, maximum: 65_535, default: value })
const flag = Type.Union([Type.Literal('0'), Type.Literal('1')])

const Environment = Type.Object({
  NODE_ENV: Type.Optional(Type.String()),
  HOST: Type.String({ minLength: 1, default: '127.0.0.1' }),
  PORT: port(3000),
  METRICS_PORT: port(9464),
  METRICS_HOST: Type.String({ minLength: 1, default: '127.0.0.1' }),
  PUBLIC_ORIGIN: Type.String({ pattern: '^https?://[^/?#]+$' }),
  TRUST_PROXY: Type.Optional(Type.String({ minLength: 1 })),
  DATA_DIR: Type.String({ minLength: 1, default: '.data' }),
  UPLOAD_DIR: Type.Optional(Type.String({ minLength: 1 })),
  S3_ENDPOINT: Type.Optional(Type.String({ pattern: '^https?://[^?#]+$' })),
  S3_REGION: Type.String({ minLength: 1, default: 'us-east-1' }),
  S3_BUCKET: Type.Optional(Type.String({ minLength: 1 })),
  S3_ACCESS_KEY: Type.Optional(Type.String({ minLength: 1 })),
  S3_SECRET_KEY: Type.Optional(Type.String({ minLength: 1 })),
  DATABASE_URL: Type.Optional(Type.String({ pattern: '^postgres(ql)?://' })),
  DATABASE_POOL: Type.Integer({ minimum: 1, maximum: 100, default: 8 }),
  SESSION_SECRET: Type.String({ minLength: 32 }),
  PII_KEY: Type.String({ minLength: 1 }),
  ALIPAY_GATEWAY: Type.String({ pattern: '^https?://' }),
  ALIPAY_APP_ID: Type.String({ minLength: 1 }),
  ALIPAY_SELLER_ID: Type.String({ minLength: 1 }),
  ALIPAY_PUBLIC_KEY: Type.Optional(Type.String({ minLength: 1 })),
  ALIPAY_PUBLIC_KEY_FILE: Type.Optional(Type.String({ minLength: 1 })),
  APP_PRIVATE_KEY: Type.Optional(Type.String({ minLength: 1 })),
  APP_PRIVATE_KEY_FILE: Type.Optional(Type.String({ minLength: 1 })),
  PAYOUTS: Type.Union([Type.Literal('off'), Type.Literal('alipay')], { default: 'off' }),
  APP_CERT: Type.Optional(Type.String({ minLength: 1 })),
  APP_CERT_FILE: Type.Optional(Type.String({ minLength: 1 })),
  ALIPAY_CERT: Type.Optional(Type.String({ minLength: 1 })),
  ALIPAY_CERT_FILE: Type.Optional(Type.String({ minLength: 1 })),
  ALIPAY_ROOT_CERT: Type.Optional(Type.String({ minLength: 1 })),
  ALIPAY_ROOT_CERT_FILE: Type.Optional(Type.String({ minLength: 1 })),
  ALIPAY_SANDBOX_PORT: port(9021),
  WECHAT_GATEWAY: Type.String({ pattern: '^https?://[^/?#]+$', default: 'https://api.mch.weixin.qq.com' }),
  WECHAT_APP_ID: Type.Optional(Type.String({ minLength: 1 })),
  WECHAT_MCH_ID: Type.Optional(Type.String({ minLength: 1 })),
  WECHAT_MCH_SERIAL: Type.Optional(Type.String({ minLength: 1 })),
  WECHAT_API_V3_KEY: Type.Optional(Type.String({ minLength: 1 })),
  WECHAT_PUBLIC_KEY_ID: Type.Optional(Type.String({ minLength: 1 })),
  SMS_URL: Type.Optional(Type.String({ pattern: '^https?://' })),
  SMS_TOKEN: Type.Optional(Type.String()),
  SMS_TEMPLATE: Type.Optional(Type.String()),
  REQUIRE_REAL_NAME_TO_BOOK: Type.Union([flag], { default: '0' }),
  LOG_LEVEL: Type.Optional(Type.Union(LEVELS.map((level) => Type.Literal(level)))),
})
type Environment = Static<typeof Environment>

export interface Config {
  readonly production: boolean
  readonly host: string
  /** 0 asks the system for a free port. */
  readonly port: number
  readonly metricsHost: string
  readonly metricsPort: number
  /** Scheme and host that people see, without a path. */
  readonly publicOrigin: string
  /** True when cookies can be Secure and carry the `__Host-` prefix. */
  readonly https: boolean
  /** Addresses or ranges of proxies whose X-Forwarded-For is believed; nobody's by default. */
  readonly trustProxy: readonly string[]
  readonly dataDir: string
  readonly uploadDir: string
  /** Where pictures are kept instead of `uploadDir`, when set. */
  readonly s3: S3Settings | undefined
  readonly databaseUrl: string | undefined
  readonly databasePool: number
  /** The first signs, all verify. */
  readonly sessionSecrets: readonly string[]
  /** The first encrypts, all decrypt. */
  readonly piiKeys: readonly { readonly id: string; readonly key: Buffer }[]
  readonly alipay: {
    readonly gateway: string
    readonly appId: string
    readonly sellerId: string
    /** PEM, SPKI. */
    readonly publicKey: string
    /** PEM, PKCS8. */
    readonly appPrivateKey: string
  }
  /**
   * Set when this site pays hosts by itself, through Alipay's 转账 in certificate mode: PEM texts. Doing so from one's
   * own account is clearing for third parties and needs a licence (docs/payouts.md), so it is never on by default.
   */
  readonly payouts:
    | { readonly appCert: string; readonly alipayCert: string; readonly alipayRootCert: string }
    | undefined
  /** The second way to pay; switched on by `WECHAT_MCH_ID`. */
  readonly wechat:
    | {
        readonly gateway: string
        readonly appId: string
        readonly mchId: string
        /** Of our certificate there. */
        readonly mchSerial: string
        /** Ours, PEM, PKCS8. */
        readonly mchPrivateKey: string
        /** 32 characters; opens what notifications carry. */
        readonly apiV3Key: string
        /** WeChat Pay's, PEM, SPKI, and the name under which it signs. */
        readonly publicKey: string
        readonly publicKeyId: string
      }
    | undefined
  readonly sandboxPort: number
  readonly sms: { readonly url: string; readonly token: string; readonly template: string } | undefined
  readonly requireRealNameToBook: boolean
  readonly logLevel: Level
  readonly limits: Limits
}

/** What is wrong with the environment: names and rules, never values, since a value may be a secret in the wrong place. */
export class ConfigFault extends Error {
  override readonly name = 'ConfigFault'
}

/** Names without which production refuses to start; elsewhere the start fills them in. */
const ALWAYS_NEEDED = [
  'PUBLIC_ORIGIN',
  'SESSION_SECRET',
  'PII_KEY',
  'ALIPAY_GATEWAY',
  'ALIPAY_APP_ID',
  'ALIPAY_SELLER_ID',
] as const

/** What paying out through Alipay needs besides: ours, Alipay's, and the chain of Alipay's roots. */
const CERTIFICATES = ['APP_CERT', 'ALIPAY_CERT', 'ALIPAY_ROOT_CERT'] as const

/** Reads the environment once, in `main.ts`. Everyone else is handed the result. Throws {@link ConfigFault}. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const production = env.NODE_ENV === 'production'
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const missing: string[] = ALWAYS_NEEDED.filter((name) => given[name] === undefined)
  if (production && given.DATABASE_URL === undefined) missing.push('DATABASE_URL')
  // Pictures are all that production keeps in a folder.
  if (production && given.UPLOAD_DIR === undefined && given.DATA_DIR === undefined && given.S3_ENDPOINT === undefined)
    missing.push('UPLOAD_DIR or DATA_DIR')
  if (given.S3_ENDPOINT !== undefined)
    missing.push(...['S3_BUCKET', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'].filter((name) => given[name] === undefined))
  for (const name of ['ALIPAY_PUBLIC_KEY', 'APP_PRIVATE_KEY']) {
    if (given[name] === undefined && given[`${name}_FILE`] === undefined) missing.push(`${name} or ${name}_FILE`)
  }
  for (const name of given.PAYOUTS === 'alipay' ? CERTIFICATES : []) {
    if (given[name] === undefined && given[`${name}_FILE`] === undefined) missing.push(`${name} or ${name}_FILE`)
  }
  if (given.WECHAT_MCH_ID !== undefined) missing.push(...missingOfWechat(given))
  if (missing.length > 0) throw new ConfigFault(`missing: ${missing.join(', ')}`)

  const values = Value.Clean(Environment, Value.Convert(Environment, Value.Default(Environment, { ...given })))
  const faults = [...Value.Errors(Environment, values)].map(
    (fault) => `${fault.instancePath.replace(/^\//, '') || 'environment'} ${fault.message}`,
  )
  const limits = readLimits(given, faults)
  if (limits.gatewayFeeBasisPoints + limits.platformFeeBasisPoints >= 10_000)
    faults.push('GATEWAY_FEE_BASIS_POINTS and PLATFORM_FEE_BASIS_POINTS together must leave hosts something')
  const read = <T>(name: string, parse: () => T): T | undefined => {
    try {
      return parse()
    } catch (error) {
      faults.push(`${name} ${error instanceof ConfigFault ? error.message : 'cannot be read'}`)
      return undefined
    }
  }
  const ok = values as Environment
  const sessionSecrets = read('SESSION_SECRET', () => readSecrets(ok.SESSION_SECRET ?? ''))
  const piiKeys = read('PII_KEY', () => readPiiKeys(ok.PII_KEY ?? ''))
  const publicKey = read('ALIPAY_PUBLIC_KEY', () => readPublicKey(inlineOrFile(given, 'ALIPAY_PUBLIC_KEY')))
  const appPrivateKey = read('APP_PRIVATE_KEY', () => readPrivateKey(inlineOrFile(given, 'APP_PRIVATE_KEY')))
  const [appCert, alipayCert, alipayRootCert] =
    given.PAYOUTS === 'alipay'
      ? CERTIFICATES.map((name) => read(name, () => readCertificate(inlineOrFile(given, name))))
      : []
  if (publicKey && appPrivateKey && publicKey === publicHalfOf(appPrivateKey)) {
    faults.push("ALIPAY_PUBLIC_KEY is the merchant's own public key; Alipay's is needed")
  }
  const wechat = given.WECHAT_MCH_ID === undefined ? undefined : readWechat(ok, given, read, faults)
  if (production) faults.push(...productionFaults(given))
  if (ok.SMS_URL && !ok.SMS_TOKEN) faults.push('SMS_TOKEN is needed with SMS_URL')
  if (faults.length > 0 || !sessionSecrets || !piiKeys || !publicKey || !appPrivateKey) {
    throw new ConfigFault(faults.join('; '))
  }

  const dataDir = path.resolve(ok.DATA_DIR)
  return Object.freeze({
    production,
    host: ok.HOST,
    port: ok.PORT,
    metricsHost: ok.METRICS_HOST,
    metricsPort: ok.METRICS_PORT,
    publicOrigin: ok.PUBLIC_ORIGIN,
    https: ok.PUBLIC_ORIGIN.startsWith('https://'),
    trustProxy: listOf(ok.TRUST_PROXY),
    dataDir,
    uploadDir: ok.UPLOAD_DIR ? path.resolve(ok.UPLOAD_DIR) : path.join(dataDir, 'uploads'),
    s3:
      ok.S3_ENDPOINT && ok.S3_BUCKET && ok.S3_ACCESS_KEY && ok.S3_SECRET_KEY
        ? {
            endpoint: ok.S3_ENDPOINT,
            region: ok.S3_REGION,
            bucket: ok.S3_BUCKET,
            accessKey: ok.S3_ACCESS_KEY,
            secretKey: ok.S3_SECRET_KEY,
          }
        : undefined,
    databaseUrl: ok.DATABASE_URL,
    databasePool: ok.DATABASE_POOL,
    sessionSecrets,
    piiKeys,
    alipay: {
      gateway: ok.ALIPAY_GATEWAY,
      appId: ok.ALIPAY_APP_ID,
      sellerId: ok.ALIPAY_SELLER_ID,
      publicKey,
      appPrivateKey,
    },
    payouts: appCert && alipayCert && alipayRootCert ? { appCert, alipayCert, alipayRootCert } : undefined,
    wechat,
    sandboxPort: ok.ALIPAY_SANDBOX_PORT,
    sms: ok.SMS_URL ? { url: ok.SMS_URL, token: ok.SMS_TOKEN ?? '', template: ok.SMS_TEMPLATE ?? '' } : undefined,
    requireRealNameToBook: ok.REQUIRE_REAL_NAME_TO_BOOK === '1',
    // At a person's terminal only what is wrong is worth a line.
    logLevel: ok.LOG_LEVEL ?? (production ? 'info' : 'warn'),
    limits,
  })
}

const WECHAT_NAMES = ['WECHAT_APP_ID', 'WECHAT_MCH_SERIAL', 'WECHAT_API_V3_KEY', 'WECHAT_PUBLIC_KEY_ID'] as const
const WECHAT_KEYS = ['WECHAT_MCH_PRIVATE_KEY', 'WECHAT_PUBLIC_KEY'] as const

type Given = Readonly<Record<string, string | undefined>>

const missingOfWechat = (given: Given): string[] => [
  ...WECHAT_NAMES.filter((name) => given[name] === undefined),
  ...WECHAT_KEYS.filter((name) => given[name] === undefined && given[`${name}_FILE`] === undefined).map(
    (name) => `${name} or ${name}_FILE`,
  ),
]

/** Undefined when something of it is wrong, which is in `faults` then. */
function readWechat(
  ok: Environment,
  given: Given,
  read: <T>(name: string, parse: () => T) => T | undefined,
  faults: string[],
): Config['wechat'] {
  const mchPrivateKey = read('WECHAT_MCH_PRIVATE_KEY', () =>
    readPrivateKey(inlineOrFile(given, 'WECHAT_MCH_PRIVATE_KEY')),
  )
  const publicKey = read('WECHAT_PUBLIC_KEY', () => readPublicKey(inlineOrFile(given, 'WECHAT_PUBLIC_KEY')))
  if (Buffer.byteLength(ok.WECHAT_API_V3_KEY ?? '') !== 32) faults.push('WECHAT_API_V3_KEY must be 32 characters')
  if (publicKey && mchPrivateKey && publicKey === publicHalfOf(mchPrivateKey)) {
    faults.push("WECHAT_PUBLIC_KEY is the merchant's own public key; WeChat Pay's is needed")
  }
  const gateway = URL.canParse(ok.WECHAT_GATEWAY) ? new URL(ok.WECHAT_GATEWAY) : undefined
  // Its refusals carry no signature: only TLS says who speaks.
  if (gateway?.protocol === 'http:' && gateway.hostname !== '127.0.0.1') faults.push('WECHAT_GATEWAY must be https')
  if (!mchPrivateKey || !publicKey) return undefined
  return {
    gateway: ok.WECHAT_GATEWAY,
    appId: ok.WECHAT_APP_ID ?? '',
    mchId: ok.WECHAT_MCH_ID ?? '',
    mchSerial: ok.WECHAT_MCH_SERIAL ?? '',
    mchPrivateKey,
    apiV3Key: ok.WECHAT_API_V3_KEY ?? '',
    publicKey,
    publicKeyId: ok.WECHAT_PUBLIC_KEY_ID ?? '',
  }
}

/**
 * Addresses at which play money is paid: where `alipay-sandbox` listens when told nothing else, and Alipay's own
 * sandboxes, the retired one included. Any other gateway, a loopback one too, is taken at its word.
 */
const PLAY_GATEWAYS = ['127.0.0.1:9021', 'localhost:9021', '[::1]:9021']
const PLAY_DOMAIN = /(^|\.)alipaydev\.com$/

function productionFaults(given: Readonly<Record<string, string | undefined>>): string[] {
  const faults: string[] = []
  const gateway = given.ALIPAY_GATEWAY ?? ''
  if (URL.canParse(gateway)) {
    const { host, hostname } = new URL(gateway)
    if (PLAY_GATEWAYS.includes(host) || PLAY_DOMAIN.test(hostname)) {
      faults.push('ALIPAY_GATEWAY is a sandbox with play money, which production does not use')
    }
  }
  for (const name of ['APP_PRIVATE_KEY_FILE', 'WECHAT_MCH_PRIVATE_KEY_FILE']) {
    const file = given[name]
    const mode = file === undefined ? 0 : (fs.statSync(file, { throwIfNoEntry: false })?.mode ?? 0)
    if ((mode & 0o004) !== 0) faults.push(`${name} can be read by every user of this machine: chmod o-r`)
  }
  return faults
}

const publicHalfOf = (privateKey: string): string =>
  createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString()

function readLimits(given: Readonly<Record<string, string | undefined>>, faults: string[]): Limits {
  const limits: Record<string, number> = { ...DEFAULT_LIMITS }
  for (const [key, [name]] of LIMIT_ENTRIES) {
    const text = given[name]
    if (text === undefined) continue
    if (/^\d{1,12}$/.test(text)) limits[key] = Number(text)
    else faults.push(`${name} must be a whole number`)
  }
  return Object.freeze(limits as Record<keyof Limits, number>)
}

const listOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

function readSecrets(text: string): string[] {
  const secrets = listOf(text)
  if (secrets.length === 0 || secrets.some((secret) => Buffer.byteLength(secret) < 32)) {
    throw new ConfigFault('must hold secrets of at least 32 bytes')
  }
  return secrets
}

/** Keys as PII_KEY holds them. Throws {@link ConfigFault}. */
export function readPiiKeys(text: string): { id: string; key: Buffer }[] {
  return listOf(text).map((part) => {
    const [id = '', encoded = ''] = part.split(':')
    const key = Buffer.from(encoded, 'base64')
    if (id === '' || key.length !== 32) throw new ConfigFault('must be keyid:base64 of 32 bytes')
    return { id, key }
  })
}

function inlineOrFile(given: Readonly<Record<string, string | undefined>>, name: string): string {
  const inline = given[name]
  if (inline !== undefined) return inline.replaceAll('\\n', '\n')
  return fs.readFileSync(given[`${name}_FILE`] ?? '', 'utf8')
}

/** Accepts PEM or the bare base64 that Alipay's console gives. */
function readPublicKey(text: string): string {
  const key = text.includes('-----')
    ? createPublicKey(text)
    : createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' })
  return key.export({ type: 'spki', format: 'pem' }).toString()
}

/** One certificate or a chain of them, as PEM. */
function readCertificate(text: string): string {
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw new ConfigFault('is no certificate in PEM')
  return text
}

/** Accepts PKCS1 and PKCS8, as PEM or as bare base64. */
function readPrivateKey(text: string): string {
  if (text.includes('-----')) return createPrivateKey(text).export({ type: 'pkcs8', format: 'pem' }).toString()
  const der = Buffer.from(text, 'base64')
  for (const type of ['pkcs8', 'pkcs1'] as const) {
    try {
      return createPrivateKey({ key: der, format: 'der', type }).export({ type: 'pkcs8', format: 'pem' }).toString()
    } catch {
      // The other form is tried next; if neither fits, the error below names the variable.
    }
  }
  throw new ConfigFault('is neither PKCS1 nor PKCS8')
}
