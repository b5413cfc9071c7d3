import { generateKeyPairSync } from 'node:crypto'
import { toFen } from '@ihome/core/money'
import { type AppCertificates, generateKeys, startAlipaySandbox } from 'alipay-sandbox'
import { afterAll, describe, expect, test } from 'vitest'
import { movableClock } from '../../../platform/testing.ts'
import { NO_TRANSFER_RECORD, type TransferWish } from '../../payouts/provider.ts'
import { type AlipayPayoutOptions, createAlipayPayouts } from './alipay-payouts.ts'
import { readCertificates } from './certificates.ts'
import { readKeys } from './signing.ts'
import { verifyResponse } from './verify-response.ts'

const PAYEE = { logonId: 'payee@example.com', displayName: '李四' }

describe('Alipay’s transfers in certificate mode', async () => {
  const clock = movableClock()
  const sandbox = await startAlipaySandbox({ port: 0, memory: true, clock, accounts: [{ role: 'payee', ...PAYEE }] })
  afterAll(() => sandbox.stop())
  const { merchant } = sandbox
  const issued = await sandbox.certificates()
  const filesOf = ({ appCert, alipayCert, alipayRootCert }: AppCertificates) => ({
    appCert,
    alipayCert,
    alipayRootCert,
  })
  const options: AlipayPayoutOptions = {
    gateway: sandbox.gatewayUrl,
    appId: merchant.appId,
    appPrivateKey: merchant.appPrivateKey,
    certificates: filesOf(issued),
    clock,
    timeouts: { query: 500, change: 500 },
  }
  const provider = createAlipayPayouts(options)
  let count = 0
  const wish = (over: Partial<TransferWish> = {}): TransferWish => {
    count += 1
    return {
      outBizNo: `ihtest_p20261123_${String(count).padStart(6, '0')}`,
      amount: toFen(10_010),
      payee: { identity: PAYEE.logonId, kind: 'ALIPAY_LOGON_ID', name: PAYEE.displayName },
      title: '爱家租房房租结算',
      ...over,
    }
  }

  test('ALI-28 the serial numbers are those that the gateway expects', () => {
    const { appCertSn, alipayCertSn, rootCertSn } = readCertificates(filesOf(issued), merchant.appPrivateKey)
    expect([appCertSn, alipayCertSn, rootCertSn]).toEqual([
      issued.appCertSn,
      issued.alipayCertSn,
      issued.alipayRootCertSn,
    ])
  })

  test('ALI-28 a transfer is told of, found again, and not made twice', async () => {
    const sent = wish()
    expect(await provider.queryTransfer(sent.outBizNo)).toMatchObject({ kind: 'unknown', reason: NO_TRANSFER_RECORD })
    const first = await provider.transfer(sent)
    expect(first).toMatchObject({ kind: 'fact', fact: { outBizNo: sent.outBizNo, state: 'succeeded' } })
    const again = await provider.transfer(sent)
    expect(again.kind === 'fact' && first.kind === 'fact' && again.fact.gatewayNo).toBe(
      first.kind === 'fact' && first.fact.gatewayNo,
    )
    expect(await provider.queryTransfer(sent.outBizNo)).toMatchObject({
      kind: 'fact',
      fact: { state: 'succeeded', amountFen: 10_010 },
    })
    expect(await provider.transfer({ ...sent, amount: toFen(10_011) })).toMatchObject({
      kind: 'refused',
      code: 'REP_INCONSISTENT',
    })
    expect(sandbox.control.transfers().filter(({ outBizNo }) => outBizNo === sent.outBizNo)).toHaveLength(1)
  })

  test('E33 an account of somebody else, or of nobody, is refused by its code', async () => {
    const { payee } = wish()
    expect(await provider.transfer(wish({ payee: { ...payee, name: '张三' } }))).toMatchObject({
      kind: 'refused',
      code: 'PAYEE_USERINFO_ERROR',
    })
    expect(await provider.transfer(wish({ payee: { ...payee, identity: 'nobody@example.com' } }))).toMatchObject({
      kind: 'refused',
      code: 'PAYEE_NOT_EXIST',
    })
  })

  test.each([
    'http_500',
    'bad_signature',
    'unsigned',
    'truncated',
    'other_order',
    'duplicated_root',
    'huge_body',
  ] as const)('T2 an answer that cannot be believed (%s) is unknown', async (kind) => {
    await sandbox.faults.add({ kind, method: 'alipay.fund.trans.uni.transfer', phase: 'after', times: 1 })
    expect(await provider.transfer(wish())).toMatchObject({ kind: 'unknown' })
  })

  test('the answers of another certificate, and of none, are not believed', async () => {
    const method = 'alipay.fund.trans.common.query'
    const keys = readKeys({ appPrivateKey: merchant.appPrivateKey, alipayPublicKey: merchant.alipayPublicKeyPem })
    const sent = wish()
    await provider.transfer(sent)
    const { raw } = await provider.queryTransfer(sent.outBizNo)
    expect(verifyResponse(raw, method, keys, issued.alipayCertSn).kind).toBe('signed')
    for (const certSn of ['0'.repeat(32), undefined]) {
      expect(verifyResponse(raw, method, keys, certSn).kind).toBe('unreadable')
    }
    const without = raw.replace(/"alipay_cert_sn":"[0-9a-f]+",/, '')
    expect(verifyResponse(without, method, keys, issued.alipayCertSn)).toMatchObject({ reason: 'other_certificate' })
  })

  test('a wrong root is told by the gateway as misconfigured', async () => {
    const other = await startAlipaySandbox({ port: 0, memory: true, clock, keys: await generateKeys() })
    const roots = (await other.certificates()).alipayRootCert
    await other.stop()
    const certificates = { ...filesOf(issued), alipayRootCert: `${roots}\n${issued.alipayRootCert}` }
    expect(await createAlipayPayouts({ ...options, certificates }).transfer(wish())).toMatchObject({
      kind: 'misconfigured',
    })
  })

  test.each([
    ['unreadable', { appCert: 'x' }, "the app's certificate cannot be read"],
    ['for another key', { appCert: issued.alipayCert }, 'is for another key'],
    ['not vouched for', { alipayRootCert: issued.appCert }, 'is not signed by'],
    ['missing roots', { alipayRootCert: '' }, 'root certificates cannot be read'],
  ])('a start with certificates that are %s says so and shows no key', (_title, change, words) => {
    const certificates = { ...filesOf(issued), ...change }
    const start = () => createAlipayPayouts({ ...options, certificates })
    expect(start).toThrow(words)
    expect(start).not.toThrow('BEGIN')
  })

  test('another private key than that of the certificate is refused at the start', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const appPrivateKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    expect(() => createAlipayPayouts({ ...options, appPrivateKey })).toThrow('another key')
  })
})
