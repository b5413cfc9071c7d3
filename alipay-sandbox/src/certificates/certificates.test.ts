import { spawnSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { AlipaySdk } from 'alipay-sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AlipaySandbox, startAlipaySandbox } from '../index.ts'
import { newPrivateKey, pkcs1, type SandboxKeys } from '../keys.ts'
import { callWithCertificates } from '../testing/cert-merchant.ts'
import { sharedKeys } from '../testing/keys.ts'
import { callGateway, payUrl } from '../testing/merchant.ts'
import { startReceiver } from '../testing/receiver.ts'
import { issueCertificate } from './issue.ts'
import { chainSn, signatureOid } from './serial-number.ts'

let keys: SandboxKeys
let sandbox: AlipaySandbox
beforeAll(async () => {
  const [pair, root] = await Promise.all([sharedKeys(), newPrivateKey()])
  keys = { ...pair, rootPrivateKey: pkcs1(root) }
  sandbox = await startAlipaySandbox({ port: 0, memory: true, keys })
})
afterAll(() => sandbox.stop())

/** The content of every element inside a piece of DER, written down a second time so that both cannot err alike. */
function elements(bytes: Buffer): { tag: number; body: Buffer }[] {
  const found = []
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] ?? 0
    let size = bytes[at + 1] ?? 0
    at += 2
    if (size > 127) {
      const count = size - 128
      size = Number.parseInt(bytes.toString('hex', at, at + count), 16)
      at += count
    }
    found.push({ tag, body: bytes.subarray(at, at + size) })
    at += size
  }
  return found
}

const TYPES: Readonly<Record<string, string>> = { '550406': 'C', '55040a': 'O', '55040b': 'OU', '550403': 'CN' }

/** Issuer, in the order of the file, and serial number of a certificate, read by hand. */
function readByHand(pem: string) {
  const [certificate] = elements(Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64'))
  const [body] = elements(certificate?.body ?? Buffer.alloc(0))
  const [, serial, algorithm, issuer] = elements(body?.body ?? Buffer.alloc(0))
  const parts = elements(issuer?.body ?? Buffer.alloc(0)).map((rdn) => {
    const [pair] = elements(rdn.body)
    const [type, value] = elements(pair?.body ?? Buffer.alloc(0))
    return `${TYPES[type?.body.toString('hex') ?? '']}=${value?.body.toString('utf8')}`
  })
  return { parts, serial: serial?.body.toString('hex') ?? '', algorithm: algorithm?.body.toString('hex') ?? '' }
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex')

function snByHand(pem: string): string {
  const { parts, serial } = readByHand(pem)
  return md5(`${[...parts].reverse().join(',')}${BigInt(`0x${serial}`)}`)
}

/** Nothing where openssl is not installed. */
function snByOpenssl(pem: string): string | undefined {
  const args = ['x509', '-noout', '-issuer', '-serial', '-nameopt', 'RFC2253']
  const { status, stdout } = spawnSync('openssl', args, { input: pem, encoding: 'utf8' })
  const match = /^issuer=(.*)\nserial=([0-9A-F]+)\n$/.exec(stdout ?? '')
  // RFC 2253 writes a name backwards, which is how the SN wants it.
  return status === 0 && match ? md5(`${match[1]}${BigInt(`0x${match[2]}`)}`) : undefined
}

describe('the certificates', () => {
  test('SBX-56 SNs are equal in three independent calculations: ours, the SDK, and a reader of our own or openssl', async () => {
    const ours = await sandbox.certificates()
    const { config } = new AlipaySdk(await sandbox.certSdkConfig())
    expect(config).toMatchObject({
      appCertSn: ours.appCertSn,
      alipayCertSn: ours.alipayCertSn,
      alipayRootCertSn: ours.alipayRootCertSn,
    })
    const pems = [ours.appCert, ours.alipayCert, ours.alipayRootCert]
    const sns = [ours.appCertSn, ours.alipayCertSn, ours.alipayRootCertSn]
    expect(pems.map(snByHand)).toEqual(sns)
    pems.forEach((pem, index) => {
      expect([undefined, sns[index]]).toContain(snByOpenssl(pem))
    })
  })

  test('SBX-56 issuers read C, O, OU, CN, the signature is sha256WithRSA, serials are positive and of 32 digits', async () => {
    const { appCert, alipayCert, alipayRootCert } = await sandbox.certificates()
    const root = new X509Certificate(alipayRootCert)
    for (const pem of [appCert, alipayCert, alipayRootCert]) {
      const { parts, serial, algorithm } = readByHand(pem)
      expect(parts.map((part) => part.split('=')[0])).toEqual(['C', 'O', 'OU', 'CN'])
      expect(serial).toMatch(/^[4-7][0-9a-f]{31}$/)
      expect(algorithm).toBe('06092a864886f70d01010b0500')
      const certificate = new X509Certificate(pem)
      expect(signatureOid(certificate.raw)).toBe('1.2.840.113549.1.1.11')
      expect(certificate.verify(root.publicKey)).toBe(true)
      expect(certificate.checkIssued(root)).toBe(true)
    }
    expect(root.ca).toBe(true)
    const { subject } = new X509Certificate(appCert)
    expect(subject.split('\n')).toEqual([
      'C=CN',
      'O=seller@example.com',
      'OU=Alipay',
      `CN=沙箱商家-${sandbox.merchant.sellerId}`,
    ])
  })

  test('SBX-56 the same keys give the same certificates after every start', async () => {
    const wish = { port: 0, memory: true, keys, appId: '9021000000000001' }
    await using first = await startAlipaySandbox(wish)
    await using second = await startAlipaySandbox(wish)
    const [a, b] = await Promise.all([first.certificates(), second.certificates()])
    expect(b.alipayCert).toBe(a.alipayCert)
    expect(b.alipayRootCert).toBe(a.alipayRootCert)
    expect(a.alipayRootCertSn).toBe((await sandbox.certificates()).alipayRootCertSn)
  })

  test('SBX-56 the SN of a chain file joins those of its certificates by an underscore', async () => {
    const root = await newPrivateKey()
    const name = { c: 'CN', o: 'Other', ou: 'Other CA', cn: 'Other Root' }
    const days = { notBefore: new Date('2026-01-01'), notAfter: new Date('2030-01-01') }
    const subject = { subject: name, issuer: name, publicKey: root, issuerKey: root, authority: true }
    const { createPublicKey } = await import('node:crypto')
    const other = issueCertificate({ ...subject, publicKey: createPublicKey(root), ...days })
    const { alipayRootCert, alipayRootCertSn, appCert, alipayCert } = await sandbox.certificates()
    const chain = alipayRootCert + other
    expect(chainSn(chain)).toBe(`${alipayRootCertSn}_${snByHand(other)}`)
    const sdk = new AlipaySdk({
      ...(await sandbox.certSdkConfig()),
      appCertContent: appCert,
      alipayPublicCertContent: alipayCert,
      alipayRootCertContent: chain,
    })
    expect(sdk.config.alipayRootCertSn).toBe(chainSn(chain))
  })
})

describe('certificate mode', () => {
  test('SBX-56 alipay-sdk in certificate mode runs a query with validateSign; key mode works beside it', async () => {
    const certified = new AlipaySdk(await sandbox.certSdkConfig())
    const url = certified.pageExecute('alipay.trade.wap.pay', 'GET', {
      bizContent: {
        out_trade_no: 'cert1',
        total_amount: '10.00',
        subject: '证书模式',
        product_code: 'QUICK_WAP_WAY',
      },
    })
    expect(new URL(url).searchParams.get('app_cert_sn')).toBe((await sandbox.certificates()).appCertSn)
    await sandbox.pay({ payUrl: url })
    const query = { bizContent: { out_trade_no: 'cert1' } }
    const asked = await certified.exec('alipay.trade.query', query, { validateSign: true })
    expect(asked).toMatchObject({ code: '10000', tradeStatus: 'TRADE_SUCCESS', totalAmount: '10.00' })
    const plain = new AlipaySdk(sandbox.sdkConfig)
    expect(await plain.exec('alipay.trade.query', query, { validateSign: true })).toMatchObject({ code: '10000' })
  })

  test('SBX-56 the envelope is object, alipay_cert_sn, sign; key mode never carries alipay_cert_sn', async () => {
    const { alipayCertSn } = await sandbox.certificates()
    const called = await callWithCertificates(sandbox, 'alipay.trade.query', { out_trade_no: 'nothing' })
    expect(called).toMatchObject({ certSn: alipayCertSn, verified: true })
    expect(called.answer).toMatchObject({ sub_code: 'ACQ.TRADE_NOT_EXIST' })
    const plain = await callGateway(sandbox, 'alipay.trade.query', { out_trade_no: 'nothing' })
    expect(plain.raw).not.toContain('alipay_cert_sn')
    const badSign = await callWithCertificates(sandbox, 'alipay.trade.query', {}, ({ version: _, ...rest }) => rest)
    expect(badSign).toMatchObject({ certSn: alipayCertSn, verified: true, answer: { sub_code: 'isv.missing-version' } })
  })

  test('SBX-56 a wrong or missing SN is refused and the expected one named; the code is a setting', async () => {
    const { appCertSn, alipayRootCertSn } = await sandbox.certificates()
    const query = (change: (params: Record<string, string>) => Record<string, string>) =>
      callWithCertificates(sandbox, 'alipay.trade.query', { out_trade_no: 'x' }, change)
    const wrongApp = await query((params) => ({ ...params, app_cert_sn: alipayRootCertSn }))
    expect(wrongApp.verified).toBe(true)
    expect(wrongApp.answer).toMatchObject({ code: '40002', sub_code: 'isv.invalid-parameter' })
    expect(wrongApp.answer.sub_msg).toContain(appCertSn)
    const noRoot = await query(({ alipay_root_cert_sn: _, ...rest }) => rest)
    expect(noRoot.answer.sub_msg).toContain(alipayRootCertSn)
    const onlyRoot = await query(({ app_cert_sn: _, ...rest }) => rest)
    expect(onlyRoot.answer.sub_msg).toContain(appCertSn)
    await sandbox.control.changeSettings({ cert_sn_error: 'isv.invalid-signature' })
    const other = await query((params) => ({ ...params, app_cert_sn: '0'.repeat(32) }))
    await sandbox.control.changeSettings({ cert_sn_error: 'isv.invalid-parameter' })
    expect(other.answer).toMatchObject({ sub_code: 'isv.invalid-signature' })
  })

  test('SBX-56 alipaycert.download hands out the certificate that answers are signed with', async () => {
    const { alipayCert, alipayCertSn } = await sandbox.certificates()
    const method = 'alipay.open.app.alipaycert.download'
    const { answer } = await callWithCertificates(sandbox, method, { alipay_cert_sn: alipayCertSn })
    expect(Buffer.from(String(answer.alipay_cert_content), 'base64').toString()).toBe(alipayCert)
    const inKeyMode = await callGateway(sandbox, method, { alipay_cert_sn: alipayCertSn })
    expect(inKeyMode.answer.alipay_cert_content).toBe(answer.alipay_cert_content)
    const unknown = await callGateway(sandbox, method, { alipay_cert_sn: '1'.repeat(32) })
    expect(unknown.answer).toMatchObject({ code: '40004' })
    expect((await callGateway(sandbox, method, {})).answer).toMatchObject({ code: '40004' })
  })

  test('SBX-56 SBX-62 the control API hands out the certificates of any app, also of one made later', async () => {
    const { sellerId, appPublicKeyPem } = sandbox.merchant
    const { id } = await sandbox.control.createApp({ sellerId, publicKey: appPublicKeyPem })
    const asked = (app: string) => fetch(`${sandbox.endpoint}/_sandbox/api/v1/apps/${app}/certificates`)
    const shown = await (await asked(id)).json()
    const { appCert, appCertSn, alipayRootCertSn } = await sandbox.certificates(id)
    expect(shown).toMatchObject({ app_cert: appCert, app_cert_sn: appCertSn, alipay_root_cert_sn: alipayRootCertSn })
    expect(appCertSn).not.toBe((await sandbox.certificates()).appCertSn)
    expect((await asked('9021000000000000')).status).toBe(404)
  })

  test('SBX-56 notify_cert_sn puts alipay_cert_sn into notifies of trades begun in certificate mode, and only there', async () => {
    const receiver = await startReceiver()
    const certified = new AlipaySdk(await sandbox.certSdkConfig())
    const { appCertSn, alipayRootCertSn, alipayCertSn } = await sandbox.certificates()
    const sns = { app_cert_sn: appCertSn, alipay_root_cert_sn: alipayRootCertSn }
    const paid = async (outTradeNo: string, more: Record<string, string>) => {
      await sandbox.pay({
        payUrl: payUrl(sandbox, { out_trade_no: outTradeNo }, { notify_url: receiver.url, ...more }),
      })
      const { body = '' } = await sandbox.waitForNotify({ outTradeNo })
      expect(certified.checkNotifySignV2(Object.fromEntries(new URLSearchParams(body)))).toBe(true)
      return new URLSearchParams(body).get('alipay_cert_sn')
    }
    expect(await paid('n1', sns)).toBeNull()
    await sandbox.control.changeSettings({ notify_cert_sn: true })
    expect(await paid('n2', sns)).toBe(alipayCertSn)
    expect(await paid('n3', {})).toBeNull()
    await receiver.stop()
  })
})
