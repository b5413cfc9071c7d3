import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { startAlipaySandbox } from 'alipay-sandbox'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { main } from '../../../../alipay-check.ts'
import { movableClock } from '../../../../platform/testing.ts'
import type { Environment } from './check-names.ts'
import { checkPayouts } from './check-payouts.ts'
import { checkSetup } from './check-setup.ts'
import { languageOf, lineOf } from './check-words.ts'

const clock = movableClock(new Date())
const sandbox = await startAlipaySandbox({ port: 0, memory: true, settings: { timestamp_skew_minutes: 30 } })
afterAll(() => sandbox.stop())
const other = await startAlipaySandbox({ port: 0, memory: true })
afterAll(() => other.stop())
const { merchant } = sandbox
const { appCert, alipayCert, alipayRootCert } = await sandbox.certificates()
const certificates = { APP_CERT: appCert, ALIPAY_CERT: alipayCert, ALIPAY_ROOT_CERT: alipayRootCert }
const key = createPrivateKey(merchant.appPrivateKey)
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })
const short = generateKeyPairSync('rsa', { modulusLength: 1024 })
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const spki = { type: 'spki', format: 'pem' } as const
const pkcs8 = { type: 'pkcs8', format: 'pem' } as const
const strangerPublic = stranger.publicKey.export(spki).toString()
const strangerPrivate = stranger.privateKey.export(pkcs8).toString()
const pkcs8Pem = key.export(pkcs8).toString()
const bare = (pem: string) => pem.replace(/-----[^-]+-----|\s/g, '')

const right: Environment = {
  PUBLIC_ORIGIN: 'http://127.0.0.1:3000',
  ALIPAY_GATEWAY: sandbox.gatewayUrl,
  ALIPAY_APP_ID: merchant.appId,
  ALIPAY_SELLER_ID: merchant.sellerId,
  ALIPAY_PUBLIC_KEY: merchant.alipayPublicKey,
  APP_PRIVATE_KEY: merchant.appPrivateKey,
}
const real = { ALIPAY_GATEWAY: 'https://openapi.alipay.com/gateway.do', APP_PRIVATE_KEY: '', ALIPAY_PUBLIC_KEY: '' }

const findingsOf = (change: Environment, at = clock) => checkSetup({ ...right, ...change }, at)
const wrongOf = async (change: Environment) =>
  (await findingsOf(change)).filter(({ level }) => level === 'wrong').map(({ code }) => code)

/** Somebody else who answers at an address. */
async function answering(status: number, body: string, headers: http.OutgoingHttpHeaders = {}): Promise<string> {
  const server = http.createServer((_request, response) => response.writeHead(status, headers).end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterAll(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/gateway.do`
}

describe('alipay:check', () => {
  test('finds everything right against the sandbox, in either form of each key', async () => {
    for (const change of [
      {},
      { ALIPAY_PUBLIC_KEY: merchant.alipayPublicKeyPem, APP_PRIVATE_KEY: pkcs8Pem },
      { APP_PRIVATE_KEY: bare(pkcs8Pem) },
      { APP_PRIVATE_KEY: merchant.appPrivateKey.replaceAll('\n', '\\n') },
    ]) {
      const findings = await findingsOf(change)
      expect(findings.filter(({ level }) => level === 'wrong')).toEqual([])
      expect(findings.map(({ code }) => code)).toEqual(expect.arrayContaining(['answer_signed', 'all_right', 'signs']))
    }
  })

  test.each<[string, string[], Environment]>([
    ['a missing name', ['names_missing'], { ALIPAY_SELLER_ID: '' }],
    ['an app that the gateway does not know', ['app_unknown'], { ALIPAY_APP_ID: '2021999999999999' }],
    ['a private key of another pair', ['signature_refused'], { APP_PRIVATE_KEY: strangerPrivate }],
    ["a key that is not Alipay's", ['alipay_key_wrong'], { ALIPAY_PUBLIC_KEY: strangerPublic }],
    ['our own public key', ['own_public_key'], { ALIPAY_PUBLIC_KEY: merchant.appPublicKeyPem }],
    ['our private key as the public one', ['key_is_private'], { ALIPAY_PUBLIC_KEY: merchant.appPrivateKey }],
    ['a public key as the private one', ['key_is_public'], { APP_PRIVATE_KEY: merchant.alipayPublicKey }],
    [
      'PKCS#1 that is named PKCS#8',
      ['key_armour_differs'],
      { APP_PRIVATE_KEY: merchant.appPrivateKey.replaceAll('RSA PRIVATE', 'PRIVATE') },
    ],
    ['half a key', ['key_unreadable'], { APP_PRIVATE_KEY: bare(pkcs8Pem).slice(0, 400) }],
    ['1024 bits', ['key_too_short'], { ALIPAY_PUBLIC_KEY: short.publicKey.export(spki).toString() }],
    ['another kind of key', ['key_not_rsa'], { APP_PRIVATE_KEY: curve.privateKey.export(pkcs8).toString() }],
    [
      'a key under a password',
      ['key_is_encrypted'],
      { APP_PRIVATE_KEY: key.export({ ...pkcs8, cipher: 'aes-256-cbc', passphrase: 'x' }).toString() },
    ],
    ['a file that is not there', ['key_file_unreadable'], { APP_PRIVATE_KEY: '', APP_PRIVATE_KEY_FILE: '/nowhere/k' }],
    ['an account number as app id', ['app_id_is_seller', 'app_unknown'], { ALIPAY_APP_ID: merchant.sellerId }],
    ['an app id as account number', ['seller_id_shape'], { ALIPAY_SELLER_ID: '2021000000000001' }],
    ['an address with a path', ['origin_shape'], { PUBLIC_ORIGIN: 'https://ihome.example/' }],
    ['no address of a gateway', ['gateway_no_url'], { ALIPAY_GATEWAY: 'openapi.alipay.com' }],
    ['nobody there', ['gateway_unreachable'], { ALIPAY_GATEWAY: 'http://127.0.0.1:9/gateway.do' }],
  ])('names %s', async (_what, codes, change) => {
    expect(await wrongOf(change)).toEqual(codes)
  })

  test('names both keys when neither fits', async () => {
    const change = { ALIPAY_PUBLIC_KEY: strangerPublic, APP_PRIVATE_KEY: strangerPrivate }
    expect(await wrongOf(change)).toEqual(['own_public_key'])
    const third = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(pkcs8).toString()
    expect(await wrongOf({ ...change, APP_PRIVATE_KEY: third })).toEqual(['alipay_key_wrong', 'signature_refused'])
  })

  test('tells what belongs to a sandbox from what belongs to the real Alipay', async () => {
    const sandboxes = ['https://openapi-sandbox.dl.alipaydev.com/gateway.do', 'http://127.0.0.1:9021/gateway.do']
    for (const ALIPAY_GATEWAY of sandboxes) {
      const found = await wrongOf({
        ...real,
        ALIPAY_GATEWAY,
        NODE_ENV: 'production',
        PUBLIC_ORIGIN: 'https://a.example',
      })
      expect(found).toContain('play_in_production')
    }
    expect(await wrongOf({ ...real, ALIPAY_APP_ID: '9021000000000001' })).toContain('app_id_of_sandbox')
    expect(await wrongOf(real)).toContain('origin_unreachable')
    expect(await wrongOf({ ...real, ALIPAY_GATEWAY: 'http://openapi.alipay.com/gateway.do' })).toContain(
      'gateway_plain',
    )
    expect(await wrongOf({ ...real, ALIPAY_GATEWAY: 'https://openapi.alipay.com/v3' })).toContain('gateway_path')
    const retired = await wrongOf({ ...real, ALIPAY_GATEWAY: 'https://openapi.alipaydev.com/gateway.do' })
    expect(retired).toContain('gateway_retired')
  })

  test('names a clock that is off, in which direction, and what the gateway says of it', async () => {
    const hour = 3_600_000
    const now = Date.now()
    const ahead = (await findingsOf({}, movableClock(new Date(now + hour)))).map(({ code }) => code)
    expect(ahead).toEqual(expect.arrayContaining(['clock_ahead', 'timestamp_refused']))
    const behind = (await findingsOf({}, movableClock(new Date(now - hour)))).map(({ code }) => code)
    expect(behind).toEqual(expect.arrayContaining(['clock_behind', 'timestamp_refused']))
    const loose = await findingsOf({}, movableClock(new Date(now + 60_000)))
    expect(loose.find(({ code }) => code === 'clock')?.level).toBe('note')
  })

  test('tells somebody else who answers from a gateway', async () => {
    expect(await wrongOf({ ALIPAY_GATEWAY: await answering(200, '<html>Hi</html>') })).toEqual(['answer_foreign'])
    expect(await wrongOf({ ALIPAY_GATEWAY: await answering(404, 'no') })).toEqual(['answer_foreign'])
    const leads = await answering(302, '', { location: 'https://portal.example/' })
    expect(await wrongOf({ ALIPAY_GATEWAY: leads })).toEqual(['gateway_redirects'])
  })

  test('takes a busy gateway for busy and not for a fault of the keys', async () => {
    await sandbox.faults.add({ kind: 'unknown_error' })
    expect(await wrongOf({})).toEqual(['gateway_busy'])
    await sandbox.faults.add({ kind: 'bad_signature' })
    expect(await wrongOf({})).toEqual(['alipay_key_wrong'])
  })

  test.each([
    ['isv.insufficient-isv-permissions', 'app_without_right'],
    ['isv.missing-signature-config', 'app_without_key'],
    ['not-online-app', 'app_not_online'],
    ['ACQ.SOMETHING_NEW', 'answer_other'],
  ])('says in plain words what %s means', async (value, code) => {
    await sandbox.faults.add({ kind: 'business_error', value })
    expect(await wrongOf({})).toEqual([code])
  })
})

describe('alipay:check of payouts', () => {
  test('says that they are off, what is missing, and that the certificates are right', async () => {
    expect(await findingsOf({})).toContainEqual({ level: 'note', code: 'payouts_off' })
    expect(await wrongOf({ PAYOUTS: 'alipay' })).toEqual(['cert_missing'])
    const findings = await findingsOf({ PAYOUTS: 'alipay', ...certificates })
    expect(findings.filter(({ level }) => level === 'wrong')).toEqual([])
    expect(findings.at(-1)?.code).toBe('cert_right')
  })

  test('tells certificates of another key, another environment, of no kind, and those that are over', async () => {
    const on = { PAYOUTS: 'alipay', ...certificates }
    expect(await wrongOf({ ...on, APP_CERT: certificates.ALIPAY_CERT })).toEqual(['cert_other_key'])
    expect(await wrongOf({ ...on, ALIPAY_CERT: 'nothing' })).toEqual(['cert_unreadable'])
    expect(await wrongOf({ ...on, ALIPAY_CERT: '', ALIPAY_CERT_FILE: '/nowhere/c' })).toEqual(['cert_unreadable'])
    const others = await other.certificates()
    expect(await wrongOf({ ...on, ALIPAY_CERT: others.alipayCert })).toEqual(['cert_chain'])
    const strangers = { ALIPAY_CERT: others.alipayCert, ALIPAY_ROOT_CERT: others.alipayRootCert }
    expect(await wrongOf({ ...on, ...strangers })).toEqual(['cert_refused'])
    const late = movableClock(new Date(Date.now() + 60 * 365 * 86_400_000))
    const codes = (await checkPayouts({ ...right, ...on }, undefined, late)).map(({ code }) => code)
    expect(codes).toEqual(['cert_expired', 'cert_expired', 'cert_expired'])
  })
})

describe('what alipay:check prints', () => {
  test('is Chinese or English by LANG, without a gap left open and without anything of a key', async () => {
    expect([languageOf({ LANG: 'zh_CN.UTF-8' }), languageOf({ LANG: 'C.UTF-8' }), languageOf({})]).toEqual([
      'zh',
      'en',
      'en',
    ])
    const secret = bare(merchant.appPrivateKey).slice(40, 80)
    const changes: Environment[] = [
      {},
      { PAYOUTS: 'alipay' },
      { PAYOUTS: 'alipay', ...certificates },
      { APP_PRIVATE_KEY: strangerPrivate },
      { ALIPAY_PUBLIC_KEY: 'x' },
      real,
    ]
    for (const finding of (await Promise.all(changes.map((change) => findingsOf(change)))).flat()) {
      for (const language of ['zh', 'en'] as const) {
        const line = lineOf(finding, language)
        expect(line).not.toMatch(/[{}]|undefined/)
        expect(line).not.toContain(secret)
      }
    }
  })

  test('ends with 0 only when nothing is wrong', async () => {
    const said: string[] = []
    const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0)
    try {
      expect(await main([], { ...right, LANG: 'zh_CN.UTF-8' })).toBe(0)
      expect(await main([], { ...right, ALIPAY_APP_ID: '' })).toBe(1)
    } finally {
      out.mockRestore()
    }
    expect(said[0]).toContain('网关、应用和签名都正确')
    expect(said[1]).toContain('Not set: ALIPAY_APP_ID')
  })
})
