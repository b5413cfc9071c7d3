import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { startAlipaySandbox } from 'alipay-sandbox'
import { strToU8, zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { movableClock } from '../../../platform/testing.ts'
import { gbk } from '../../bills/testing-gbk.ts'
import type { BillSource } from '../bill-source.ts'
import { BadBill, readTable, unpackCsv } from './bill-file.ts'
import { createAlipayBills } from './download-bill.ts'
import { readTradeBill } from './read-bill.ts'

const DAY = '2026-11-23'
const clock = movableClock('2026-11-23T04:00:00Z')
let sandbox: Awaited<ReturnType<typeof startAlipaySandbox>>
let bills: BillSource

beforeAll(async () => {
  sandbox = await startAlipaySandbox({ port: 0, memory: true, clock })
  bills = createAlipayBills({
    gateway: sandbox.gatewayUrl,
    appId: sandbox.merchant.appId,
    publicKey: sandbox.merchant.alipayPublicKeyPem,
    appPrivateKey: sandbox.merchant.appPrivateKey,
    clock,
  })
})
afterAll(() => sandbox.stop())

const refuseOnce = (value: string) => sandbox.faults.add({ kind: 'bill_refused', value, times: 1 })

describe('ALI-27 a bill that is not here', () => {
  test('is asked for later while it is not made', async () => {
    expect(await bills.downloadBill('trade', '2026-11-22')).toMatchObject({ kind: 'bill', lines: [], sha256: null })
    clock.set('2026-11-24T00:30:00Z') // 08:30 in Beijing
    expect(await bills.downloadBill('trade', DAY)).toEqual({ kind: 'later', code: 'BILL_NOT_EXIST' })
    clock.set('2026-11-24T01:31:00Z')
  })

  test.each([
    ['SYSTEM_RATE_LIMIT', { kind: 'later', code: 'SYSTEM_RATE_LIMIT' }],
    ['USER_RATE_LIMIT', { kind: 'later', code: 'USER_RATE_LIMIT' }],
    ['UNKNOWN_ERROR', { kind: 'later', code: 'UNKNOWN_ERROR' }],
    ['NO_BILL_DATA', { kind: 'bill', lines: [], sha256: null }],
    ['TYPE_NOT_SUPPORTED', { kind: 'absent', code: 'TYPE_NOT_SUPPORTED' }],
    ['INVAILID_ARGUMENTS', { kind: 'failed', reason: 'INVAILID_ARGUMENTS' }],
  ])('is what the code says: %s', async (code, expected) => {
    await refuseOnce(code)
    expect(await bills.downloadBill('trade', DAY)).toEqual(expected)
  })

  test('is no bill when the file is cut off', async () => {
    await sandbox.control.topUp(sandbox.merchant.sellerId, 100)
    clock.set('2026-11-25T01:31:00Z')
    await sandbox.faults.add({ kind: 'bill_truncated', times: 1 })
    expect(await bills.downloadBill('account', '2026-11-24')).toMatchObject({ kind: 'failed' })
    expect(await bills.downloadBill('account', '2026-11-24')).toMatchObject({
      kind: 'bill',
      lines: [{ type: 'other', amountFen: 100, words: '充值' }],
    })
  })
})

describe('ALI-26 an archive that is no bill', () => {
  const name = '20880000000000010156_20261123_业务明细.csv'
  test('is refused before it is unpacked when it would fill the memory', () => {
    const bomb = zipSync({ [name]: new Uint8Array(64 * 1_048_576) })
    expect(bomb.byteLength).toBeLessThan(100_000)
    expect(() => unpackCsv(bomb, '_业务明细.csv')).toThrow('zip_too_large')
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, no) => [`${no}.csv`, strToU8('x')]))
    expect(() => unpackCsv(zipSync(many), '_业务明细.csv')).toThrow('zip_too_many_files')
  })

  test.each([
    ['nothing', new Uint8Array(0), 'zip_unreadable'],
    ['another file', zipSync({ 'readme.txt': strToU8('x') }), 'zip_no_detail'],
    ['bytes that are no GBK', zipSync({ [name]: Uint8Array.from([0x81, 0x20]) }), 'csv_not_gbk'],
    ['no header', zipSync({ [name]: gbk('#支付宝业务明细查询\n') }), 'csv_no_header'],
    ['a missing column', zipSync({ [name]: gbk('支付宝交易号,商户订单号\n1,2\n') }), 'csv_no_column_业务类型'],
  ])('is refused with a reason: %s', (_what, zip, reason) => {
    expect(() => readTradeBill(zip)).toThrow(BadBill)
    expect(() => readTradeBill(zip)).toThrow(reason)
  })

  test('a row with another number of cells than the header spoils the file', () => {
    expect(() => readTable('甲,乙\n1,2\n1,2,3\n')).toThrow('csv_row_2_cells')
    const { cell, rows } = readTable('#注\r\n乙,甲\r\n1\t,2\r\n')
    expect(rows.map((row) => [cell(row, '甲'), cell(row, '乙')])).toEqual([['2', '1']])
  })
})

describe('ALI-26 the address of a bill', () => {
  test('must be where bills are kept, and leads nowhere else', async () => {
    let asked = 0
    const elsewhere = http.createServer((_request, response) => {
      asked += 1
      response.writeHead(302, { location: sandbox.endpoint }).end()
    })
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
    const { port } = elsewhere.address() as AddressInfo
    // The same signed answer, with the address of another port of the gateway's host: asked, and its redirect refused.
    const answer = await signedAddress(`http://127.0.0.1:${port}/bill.zip`)
    expect(answer).toEqual({ kind: 'failed', reason: 'bill_http_302' })
    expect(await signedAddress(`http://localhost:${port}/bill.zip`)).toEqual({ kind: 'failed', reason: 'bill_address' })
    expect(await signedAddress('http://169.254.169.254/latest')).toEqual({ kind: 'failed', reason: 'bill_address' })
    expect(await signedAddress('file:///etc/passwd')).toEqual({ kind: 'failed', reason: 'bill_address' })
    expect(asked).toBe(1)
    await new Promise((resolve) => elsewhere.close(resolve))
  })
})

/** What comes of a genuine answer that names this address. */
async function signedAddress(address: string) {
  const { generateKeyPairSync, sign } = await import('node:crypto')
  const alipay = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const object = JSON.stringify({ code: '10000', msg: 'Success', bill_download_url: address })
  const signature = sign('RSA-SHA256', Buffer.from(object), alipay.privateKey).toString('base64')
  const root = 'alipay_data_dataservice_bill_downloadurl_query_response'
  const gateway = http.createServer((_request, response) => response.end(`{"${root}":${object},"sign":"${signature}"}`))
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve))
  const { port } = gateway.address() as AddressInfo
  const source = createAlipayBills({
    gateway: `http://127.0.0.1:${port}/gateway.do`,
    appId: sandbox.merchant.appId,
    publicKey: alipay.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    appPrivateKey: sandbox.merchant.appPrivateKey,
    clock,
  })
  const answer = await source.downloadBill('trade', DAY)
  gateway.closeAllConnections()
  await new Promise((resolve) => gateway.close(resolve))
  return answer
}
