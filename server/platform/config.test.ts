import { generateKeyPairSync } from 'node:crypto'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigFault, DEFAULT_LIMITS, readConfig } from './config.ts'

const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 })
const ours = pair()
const theirs = pair()
const pem = (key: ReturnType<typeof pair>['publicKey'], type: 'spki' | 'pkcs1' | 'pkcs8') =>
  key.export({ type: type as 'spki', format: 'pem' }).toString()

const complete = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgresql://app:pw@db/ihome',
  DATA_DIR: '/var/lib/ihome',
  PUBLIC_ORIGIN: 'https://ihome.example',
  SESSION_SECRET: 's'.repeat(32),
  PII_KEY: `k1:${Buffer.alloc(32).toString('base64')}`,
  ALIPAY_GATEWAY: 'https://openapi.alipay.com/gateway.do',
  ALIPAY_APP_ID: '2021000000000001',
  ALIPAY_SELLER_ID: '2088000000000001',
  ALIPAY_PUBLIC_KEY: pem(theirs.publicKey, 'spki'),
  APP_PRIVATE_KEY: pem(ours.privateKey, 'pkcs8'),
}

const faultOf = (env: Record<string, string | undefined>): string => {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigFault) return error.message
    throw error
  }
  return 'accepted'
}

describe('the configuration', () => {
  test('is read whole, with the limits of the product when nothing else is said', () => {
    const config = readConfig(complete)
    expect(config).toMatchObject({ production: true, https: true, port: 3000, trustProxy: [], limits: DEFAULT_LIMITS })
    expect(config.limits).toMatchObject({ paymentWindowMinutes: 120, openOrdersPerGuest: 3, gatewayFeeBasisPoints: 60 })
    expect(readConfig({ ...complete, PAYMENT_WINDOW_MINUTES: '30', PORT: '0' })).toMatchObject({
      port: 0,
      limits: { ...DEFAULT_LIMITS, paymentWindowMinutes: 30 },
    })
  })

  test.each(Object.keys(complete).filter((name) => name !== 'NODE_ENV'))(
    'X5 production refuses to start without %s and names it',
    (name) => {
      expect(faultOf({ ...complete, [name]: undefined })).toContain(name)
      expect(faultOf({ ...complete, [name]: '' })).toContain(name)
    },
  )

  test('has a second way to pay only when all of it is named', () => {
    const wechat = {
      WECHAT_MCH_ID: '1900000001',
      WECHAT_APP_ID: 'wx0000000000000001',
      WECHAT_MCH_SERIAL: 'AB12',
      WECHAT_MCH_PRIVATE_KEY: pem(ours.privateKey, 'pkcs8'),
      WECHAT_API_V3_KEY: 'k'.repeat(32),
      WECHAT_PUBLIC_KEY: pem(theirs.publicKey, 'spki'),
      WECHAT_PUBLIC_KEY_ID: 'PUB_KEY_ID_1',
    }
    expect(readConfig(complete).wechat).toBeUndefined()
    expect(readConfig({ ...complete, ...wechat }).wechat).toMatchObject({
      gateway: 'https://api.mch.weixin.qq.com',
      mchId: '1900000001',
    })
    for (const name of Object.keys(wechat).slice(1)) {
      expect(faultOf({ ...complete, ...wechat, [name]: undefined })).toContain(name)
    }
    expect(faultOf({ ...complete, ...wechat, WECHAT_API_V3_KEY: 'short' })).toContain('WECHAT_API_V3_KEY')
    expect(faultOf({ ...complete, ...wechat, WECHAT_GATEWAY: 'http://pay.example' })).toContain('WECHAT_GATEWAY')
    const own = pem(ours.publicKey, 'spki')
    expect(faultOf({ ...complete, ...wechat, WECHAT_PUBLIC_KEY: own })).toContain("merchant's own public key")
  })

  test('needs no DATA_DIR in production when pictures have a folder of their own', () => {
    expect(readConfig({ ...complete, DATA_DIR: undefined, UPLOAD_DIR: '/srv/pictures' }).uploadDir).toBe(
      '/srv/pictures',
    )
  })

  test.each([
    ['PORT', 'eighty', 'PORT'],
    ['PORT', '70000', 'PORT'],
    ['PUBLIC_ORIGIN', 'https://ihome.example/path', 'PUBLIC_ORIGIN'],
    ['DATABASE_URL', 'mysql://x', 'DATABASE_URL'],
    ['SESSION_SECRET', 'too-short-secret', 'SESSION_SECRET'],
    ['PII_KEY', 'k1:c2hvcnQ=', 'PII_KEY'],
    ['ALIPAY_PUBLIC_KEY', 'not-a-key-at-all', 'ALIPAY_PUBLIC_KEY'],
    ['APP_PRIVATE_KEY', 'not-a-key-at-all', 'APP_PRIVATE_KEY'],
    ['LIST_PAGE', 'ten', 'LIST_PAGE'],
  ])('names %s and never its value %s', (name, value, expected) => {
    const fault = faultOf({ ...complete, [name]: value })
    expect(fault).toContain(expected)
    expect(fault).not.toContain(value)
  })

  test.each([
    'http://127.0.0.1:9021/gateway.do',
    'http://localhost:9021/gateway.do',
    'https://openapi-sandbox.dl.alipaydev.com/gateway.do',
    'https://openapi.alipaydev.com/gateway.do',
  ])('ALI-1 production refuses the play-money gateway %s', (gateway) => {
    expect(faultOf({ ...complete, ALIPAY_GATEWAY: gateway })).toContain('ALIPAY_GATEWAY')
    expect(faultOf({ ...complete, NODE_ENV: 'test', ALIPAY_GATEWAY: gateway })).toBe('accepted')
  })

  test('fees that would leave hosts nothing are refused', () => {
    const fees = { GATEWAY_FEE_BASIS_POINTS: '60', PLATFORM_FEE_BASIS_POINTS: '9940' }
    expect(faultOf({ ...complete, ...fees })).toContain('PLATFORM_FEE_BASIS_POINTS')
    expect(faultOf({ ...complete, ...fees, PLATFORM_FEE_BASIS_POINTS: '9939' })).toBe('accepted')
  })

  test('ALI-1 production takes any other gateway, a loopback one too', () => {
    expect(faultOf({ ...complete, ALIPAY_GATEWAY: 'http://127.0.0.1:9022/gateway.do' })).toBe('accepted')
  })

  test('ALI-28 pays nobody out unless told to, and then names the certificates that it lacks', () => {
    expect(readConfig(complete).payouts).toBeUndefined()
    expect(faultOf({ ...complete, PAYOUTS: 'yes' })).toContain('PAYOUTS')
    expect(faultOf({ ...complete, PAYOUTS: 'alipay', APP_CERT: 'x' })).toBe(
      'missing: ALIPAY_CERT or ALIPAY_CERT_FILE, ALIPAY_ROOT_CERT or ALIPAY_ROOT_CERT_FILE',
    )
    const certificates = { APP_CERT: 'secret', ALIPAY_CERT: 'secret', ALIPAY_ROOT_CERT: 'secret' }
    const fault = faultOf({ ...complete, PAYOUTS: 'alipay', ...certificates })
    expect(fault).toContain('APP_CERT is no certificate in PEM')
    expect(fault).not.toContain('secret')
  })

  test('ALI-1 refuses the merchant’s own public key in place of Alipay’s', () => {
    expect(faultOf({ ...complete, ALIPAY_PUBLIC_KEY: pem(ours.publicKey, 'spki') })).toContain('own public key')
  })

  test('takes keys as PEM and as bare base64, in PKCS1 and PKCS8', () => {
    const bare = (text: string) => text.replace(/-----[A-Z ]+-----|\s/g, '')
    const expected = readConfig(complete).alipay
    for (const type of ['pkcs1', 'pkcs8'] as const) {
      const key = pem(ours.privateKey, type)
      expect(readConfig({ ...complete, APP_PRIVATE_KEY: key }).alipay).toEqual(expected)
      expect(readConfig({ ...complete, APP_PRIVATE_KEY: bare(key) }).alipay).toEqual(expected)
    }
    expect(readConfig({ ...complete, ALIPAY_PUBLIC_KEY: bare(complete.ALIPAY_PUBLIC_KEY) }).alipay).toEqual(expected)
  })

  describe('with the private key in a file', () => {
    let folder: string
    let file: string
    beforeAll(async () => {
      folder = await fs.mkdtemp(path.join(os.tmpdir(), 'ihome-config-'))
      file = path.join(folder, 'app.pem')
      await fs.writeFile(file, complete.APP_PRIVATE_KEY, { mode: 0o600 })
    })
    afterAll(() => fs.rm(folder, { recursive: true }))

    test('ALI-1 reads it, and refuses one that everybody on the machine can read', async () => {
      const env = { ...complete, APP_PRIVATE_KEY: undefined, APP_PRIVATE_KEY_FILE: file }
      expect(faultOf(env)).toBe('accepted')
      await fs.chmod(file, 0o644)
      expect(faultOf(env)).toContain('APP_PRIVATE_KEY_FILE')
    })
  })
})
