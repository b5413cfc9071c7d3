import { createSign, createVerify } from 'node:crypto'
import { AlipayRequestError, AlipaySdk } from 'alipay-sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AlipaySandbox, startAlipaySandbox } from '../index.ts'
import { sharedKeys } from '../testing/keys.ts'
import { callGateway, commonParams, payUrl, signRequest } from '../testing/merchant.ts'

let sandbox: AlipaySandbox
let sdk: AlipaySdk
beforeAll(async () => {
  sandbox = await startAlipaySandbox({ port: 0, memory: true, keys: await sharedKeys() })
  sdk = new AlipaySdk(sandbox.sdkConfig)
})
afterAll(() => sandbox.stop())

const pay = (outTradeNo: string) => sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: outTradeNo }) })

/** What the SDK throws for an HTTP error. */
async function refused(asked: Promise<unknown>) {
  const error = await asked.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof AlipayRequestError)) throw new Error(`not refused: ${error}`)
  return { code: error.code, status: error.responseHttpStatus, links: error.links, message: error.message }
}

/** Signs and sends by hand, so that single parts can be spoilt. */
async function send(change: {
  text?: string
  sign?: string
  at?: number
  body?: string
  headers?: object
  path?: string
}) {
  const path = change.path ?? '/v3/alipay/trade/query'
  const body = JSON.stringify({ out_trade_no: 'v3none' })
  const text = change.text ?? `app_id=${sandbox.merchant.appId},nonce=n1,timestamp=${change.at ?? Date.now()}`
  const signed = `${text}\nPOST\n${path}\n${body}\n`
  const sign = change.sign ?? createSign('RSA-SHA256').update(signed).sign(sandbox.merchant.appPrivateKey, 'base64')
  const authorization = `ALIPAY-SHA256withRSA ${text}${sign === '' ? '' : `,sign=${sign}`}`
  const init = { method: 'POST', headers: { authorization, ...change.headers }, body: change.body ?? body }
  const response = await fetch(sandbox.endpoint + path, init)
  return { status: response.status, headers: response.headers, ...(await response.json()) }
}

describe('protocol v3', () => {
  test('SBX-13 AlipaySdk#curl runs query, refund, refund query and close with its default verification', async () => {
    const { trade } = await pay('v3a')
    const asked = await sdk.curl('POST', '/v3/alipay/trade/query', { body: { out_trade_no: 'v3a' } })
    expect(asked).toMatchObject({ responseHttpStatus: 200, traceId: expect.stringMatching(/^[0-9a-f]{32}$/) })
    expect(asked.data).toMatchObject({ trade_no: trade?.tradeNo, trade_status: 'TRADE_SUCCESS', total_amount: '88.80' })
    expect(asked.data).not.toHaveProperty('code')
    const wish = { out_trade_no: 'v3a', refund_amount: '8.80', out_request_no: 'v3r' }
    const refund = await sdk.curl('POST', '/v3/alipay/trade/refund', { body: wish })
    expect(refund.data).toMatchObject({ fund_change: 'Y', refund_fee: '8.80' })
    const body = { out_trade_no: 'v3a', out_request_no: 'v3r' }
    const state = await sdk.curl('POST', '/v3/alipay/trade/fastpay/refund/query', { body })
    expect(state.data).toMatchObject({ refund_status: 'REFUND_SUCCESS', refund_amount: '8.80' })
    const open = payUrl(sandbox, { out_trade_no: 'v3b' }, {}, 'page')
    await sandbox.pay({ payUrl: open, outcome: 'tab_closed' })
    const closed = await sdk.curl('POST', '/v3/alipay/trade/close', { body: { out_trade_no: 'v3b' } })
    expect(closed.data).toMatchObject({ out_trade_no: 'v3b' })
    expect(sandbox.control.trade('v3b').status).toBe('TRADE_CLOSED')
  })

  test('SBX-13 the bill address comes by GET with a query', async () => {
    await using yesterday = await startAlipaySandbox({ port: 0, memory: true, settings: { bill_ready_at: '00:00' } })
    await yesterday.pay({ payUrl: payUrl(yesterday, { out_trade_no: 'v3bill' }) })
    const day = new Date(yesterday.clock.now().getTime() + 8 * 3_600_000).toISOString().slice(0, 10)
    await yesterday.clock.advance(86_400_000)
    const query = { bill_type: 'trade', bill_date: day }
    const path = '/v3/alipay/data/dataservice/bill/downloadurl/query'
    const { data } = await new AlipaySdk(yesterday.sdkConfig).curl('GET', path, { query })
    expect((await fetch(data.bill_download_url)).status).toBe(200)
  })

  test('SBX-13 SBX-57 certificate mode: the answer names its certificate, transfers work, and other SNs are refused', async () => {
    const config = await sandbox.certSdkConfig()
    const certified = new AlipaySdk(config)
    const body = {
      out_biz_no: 'v3t',
      trans_amount: '1.00',
      product_code: 'TRANS_ACCOUNT_NO_PWD',
      biz_scene: 'DIRECT_TRANSFER',
      payee_info: { identity: 'rich@example.com', identity_type: 'ALIPAY_LOGON_ID', name: '沙箱买家' },
    }
    const sent = await certified.curl('POST', '/v3/alipay/fund/trans/uni/transfer', { body })
    expect(sent.data).toMatchObject({ status: 'SUCCESS' })
    const inKeyMode = await refused(sdk.curl('POST', '/v3/alipay/fund/trans/uni/transfer', { body }))
    expect(inKeyMode).toMatchObject({ status: 403, code: 'insufficient-isv-permissions' })
    const { appCertSn, alipayCertSn, alipayRootCertSn } = await sandbox.certificates()
    const text = `app_id=${sandbox.merchant.appId},app_cert_sn=${appCertSn},nonce=n,timestamp=${Date.now()}`
    const root = { 'alipay-root-cert-sn': alipayRootCertSn }
    const known = await send({ text, headers: root })
    expect(known).toMatchObject({ status: 400, code: 'ACQ.TRADE_NOT_EXIST' })
    expect(await send({ text })).toMatchObject({ status: 400, code: 'invalid-parameter' })
    expect(await send({ text: text.replace(appCertSn, alipayCertSn), headers: root })).toMatchObject({
      code: 'invalid-parameter',
    })
  })

  test('SBX-13 answers are signed over timestamp, nonce and body; refusals are plain HTTP errors with links', async () => {
    await pay('v3c')
    const body = JSON.stringify({ out_trade_no: 'v3c' })
    const text = `app_id=${sandbox.merchant.appId},nonce=n,timestamp=${Date.now()},expired_seconds=60`
    const sign = createSign('RSA-SHA256')
      .update(`${text}\nPOST\n/v3/alipay/trade/query\n${body}\ntoken\n`)
      .sign(sandbox.merchant.appPrivateKey, 'base64')
    const response = await fetch(`${sandbox.endpoint}/v3/alipay/trade/query`, {
      method: 'POST',
      headers: { authorization: `ALIPAY-SHA256withRSA ${text},sign=${sign}`, 'alipay-app-auth-token': 'token' },
      body,
    })
    const raw = await response.text()
    const signed = `${response.headers.get('alipay-timestamp')}\n${response.headers.get('alipay-nonce')}\n${raw}\n`
    const signature = response.headers.get('alipay-signature') ?? ''
    const { alipayPublicKeyPem } = sandbox.merchant
    expect(createVerify('RSA-SHA256').update(signed).verify(alipayPublicKeyPem, signature, 'base64')).toBe(true)
    expect(response.headers.get('alipay-sn')).toBeNull()

    const missing = await send({})
    expect(missing).toMatchObject({ status: 400, code: 'ACQ.TRADE_NOT_EXIST', message: '交易不存在' })
    expect(missing.links).toMatchObject([{ link: expect.any(String), desc: expect.any(String) }])
    expect(missing.headers.get('alipay-signature')).toBeNull()
  })

  test('SBX-13 every refusal of the wire has its code without isv.', async () => {
    const now = Date.now()
    const { appId } = sandbox.merchant
    for (const [change, code] of [
      [{ headers: { authorization: 'Bearer x' } }, 'missing-signature'],
      [{ text: `nonce=n,timestamp=${now}` }, 'missing-app-id'],
      [{ text: `app_id=9999,nonce=n,timestamp=${now}` }, 'invalid-app-id'],
      [{ text: `app_id=${appId},nonce=n` }, 'missing-timestamp'],
      [{ text: `app_id=${appId},nonce=n,timestamp=yesterday` }, 'invalid-timestamp'],
      [{ at: now - 601_000 }, 'invalid-timestamp'],
      [{ at: now - 590_000 }, 'ACQ.TRADE_NOT_EXIST'],
      [{ sign: '' }, 'missing-signature'],
      [{ sign: 'AAAA' }, 'invalid-signature'],
      [{ body: '{"out_trade_no":"v3other"}' }, 'invalid-signature'],
      [{ path: '/v3/alipay/trade/nothing' }, 'invalid-method'],
      [{ path: '/v3/alipay/data/dataservice/bill/downloadurl/query' }, 'invalid-method'],
      [{ headers: { 'alipay-encrypt-type': 'DES' } }, 'invalid-parameter'],
      [{ headers: { 'alipay-encrypt-type': 'AES' } }, 'decryption-error-unknown'],
    ] as const) {
      expect(await send(change), JSON.stringify(change)).toMatchObject({ status: 400, code })
    }
    await sandbox.control.changeSettings({ v3_timestamp_minutes: 0 })
    expect(await send({ at: now - 86_400_000 })).toMatchObject({ code: 'ACQ.TRADE_NOT_EXIST' })
    await sandbox.control.changeSettings({ v3_timestamp_minutes: 10 })
    const [latest] = sandbox.control.requests()
    expect(latest).toMatchObject({ verb: 'POST', subCode: 'ACQ.TRADE_NOT_EXIST', notes: ['protocol v3'] })
  })
})

describe('faults in protocol v3', () => {
  test('SBX-13 SBX-67 an answer lost after the refund, a refused call, and spoilt signatures', async () => {
    await pay('v3f')
    const refund = (no: string) =>
      sdk.curl('POST', '/v3/alipay/trade/refund', {
        body: { out_trade_no: 'v3f', refund_amount: '1.00', out_request_no: no },
        requestTimeout: 300,
      })
    await sandbox.faults.add({ kind: 'no_answer_after', outTradeNo: 'v3f' })
    await expect(refund('f1')).rejects.toThrow('HttpClient Request error')
    expect((await refund('f1')).data).toMatchObject({ fund_change: 'N', refund_fee: '1.00' })
    await sandbox.faults.add({ kind: 'unknown_error', outTradeNo: 'v3f', phase: 'before' })
    expect(await refused(refund('f2'))).toMatchObject({ status: 500, code: 'aop.unknow-error' })
    expect(sandbox.control.trade('v3f').refundedFen).toBe(100)
    await sandbox.faults.add({ kind: 'bad_signature', outTradeNo: 'v3f' })
    expect(await refused(refund('f3'))).toMatchObject({ code: 'response-signature-verify-error' })
    await sandbox.faults.add({ kind: 'unsigned', outTradeNo: 'v3f' })
    await expect(refund('f3')).rejects.toThrow()
    // What only a v2 envelope can show waits for a v2 call.
    const { id } = await sandbox.faults.add({ kind: 'duplicated_root', outTradeNo: 'v3f' })
    expect((await refund('f3')).data).toMatchObject({ refund_fee: '2.00' })
    expect(sandbox.faults.list().find((fault) => fault.id === id)?.used).toBe(0)
    await sandbox.faults.remove(id)
  })
})

describe('content encryption', () => {
  test('SBX-13 exec and curl with needEncrypt round-trip', async () => {
    await pay('aes1')
    const sent = await sdk.exec('alipay.trade.query', { bizContent: { out_trade_no: 'aes1' }, needEncrypt: true })
    expect(sent).toMatchObject({ code: '10000', outTradeNo: 'aes1', tradeStatus: 'TRADE_SUCCESS' })
    const none = await sdk.exec('alipay.trade.query', { bizContent: { out_trade_no: 'aes0' }, needEncrypt: true })
    expect(none).toMatchObject({ code: '40004', subCode: 'ACQ.TRADE_NOT_EXIST' })
    const body = { out_trade_no: 'aes1' }
    const { data } = await sdk.curl('POST', '/v3/alipay/trade/query', { body, needEncrypt: true })
    expect(data).toMatchObject({ trade_status: 'TRADE_SUCCESS' })
  })

  test('SBX-13 the signature of an encrypted answer covers the cipher text with its two quotes', async () => {
    const cipherText = await encrypted('{"out_trade_no":"aes0"}')
    const params = { ...commonParams(sandbox, 'alipay.trade.query', cipherText), encrypt_type: 'AES' }
    const form = new URLSearchParams(signRequest(params, sandbox.merchant.appPrivateKey))
    const raw = await (await fetch(sandbox.gatewayUrl, { method: 'POST', body: form })).text()
    const match = /^\{"alipay_trade_query_response":("[0-9A-Za-z+/=]+"),"sign":"([0-9A-Za-z+/=]+)"\}$/.exec(raw)
    const [, text = '', sign = ''] = match ?? []
    const { alipayPublicKeyPem } = sandbox.merchant
    expect(createVerify('RSA-SHA256').update(text).verify(alipayPublicKeyPem, sign, 'base64')).toBe(true)
    expect(JSON.parse(sdk.aesDecrypt(text.slice(1, -1)))).toMatchObject({ sub_code: 'ACQ.TRADE_NOT_EXIST' })
  })

  test('SBX-13 what cannot be decrypted is refused in the clear and signed', async () => {
    for (const [type, content, code] of [
      ['AES', 'bm90IGVuY3J5cHRlZA==', 'isv.decryption-error-unknown'],
      ['AES', '{"out_trade_no":"x"}', 'isv.decryption-error-unknown'],
      ['DES', '{}', 'isv.invalid-parameter'],
    ] as const) {
      const params = { ...commonParams(sandbox, 'alipay.trade.query', content), encrypt_type: type }
      const called = await callGateway(sandbox, 'alipay.trade.query', {}, () =>
        signRequest(params, sandbox.merchant.appPrivateKey),
      )
      expect(called).toMatchObject({ verified: true, answer: { sub_code: code } })
    }
  })
})

/** Encrypted by the SDK itself, as nothing of ours should be needed to call us. */
async function encrypted(text: string): Promise<string> {
  const url = sdk.pageExecute('alipay.trade.wap.pay', 'GET', { bizContent: JSON.parse(text), needEncrypt: true })
  return new URL(url).searchParams.get('biz_content') ?? ''
}
