import { AlipaySdk } from 'alipay-sdk'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AlipaySandbox, type SandboxKeys, startAlipaySandbox } from '../index.ts'
import { handClock } from '../testing/bare-engine.ts'
import { readCsv, unzip } from '../testing/bill-reader.ts'
import { sharedKeys } from '../testing/keys.ts'
import { callGateway, payUrl } from '../testing/merchant.ts'

const METHOD = 'alipay.data.dataservice.bill.downloadurl.query'
const HOUR = 3_600_000
const DAY = 24 * HOUR

let keys: SandboxKeys
let base: ReturnType<typeof handClock>
let sandbox: AlipaySandbox
beforeAll(async () => {
  keys = await sharedKeys()
})
beforeEach(async () => {
  // 2026-11-23 12:00:00 in Beijing.
  base = handClock()
  sandbox = await startAlipaySandbox({ port: 0, memory: true, keys, clock: base })
})
afterEach(() => sandbox.stop())

const ask = async (bill_date: unknown, bill_type: unknown = 'trade') => {
  const { answer, verified } = await callGateway(sandbox, METHOD, { bill_type, bill_date })
  expect(verified).toBe(true)
  return answer
}
const codeOf = async (date: unknown, type?: unknown) => {
  const answer = await ask(date, type)
  return answer.sub_code ?? answer.code
}
const fetchBill = async (date: string, type = 'trade') => {
  const { bill_download_url: url } = await ask(date, type)
  const response = await fetch(String(url))
  expect(response.status).toBe(200)
  return unzip(Buffer.from(await response.arrayBuffer()))
}
const pay = (no: string, biz: Readonly<Record<string, unknown>> = {}) =>
  sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: no, ...biz }) })
const refund = (no: string, amount: string, requestNo: string) =>
  callGateway(sandbox, 'alipay.trade.refund', {
    out_trade_no: no,
    refund_amount: amount,
    out_request_no: requestNo,
  })

describe('asking for a bill', () => {
  test('SBX-52 today, the future and what is no date are INVAILID_ARGUMENTS, for days and months alike', async () => {
    for (const date of ['2026-11-23', '2026-11-24', '2026-11', '2026-12', '2027-01-01']) {
      expect([date, await codeOf(date)]).toEqual([date, 'INVAILID_ARGUMENTS'])
    }
    for (const date of ['', '2026-13', '2026-02-30', '20261122', '2026-11-22 00:00:00', '2026-1-2', 20261122, null]) {
      expect([date, await codeOf(date)]).toEqual([date, 'INVAILID_ARGUMENTS'])
    }
    expect(await codeOf('2026-11-22', '')).toBe('INVAILID_ARGUMENTS')
    expect(await codeOf('2026-11-22', 7)).toBe('INVAILID_ARGUMENTS')
  })

  test.each(['merchant_act', 'trade_zft_merchant', 'zft_acc', 'settlementMerge', 'nonsense'])(
    'SBX-52 bill type %s is TYPE_NOT_SUPPORTED',
    async (type) => expect(await codeOf('2026-11-22', type)).toBe('TYPE_NOT_SUPPORTED'),
  )

  test('SBX-52 a day before the seller registered is BILL_DATE_BEFORE_REGISTRATION, a quiet one after it is empty', async () => {
    expect([await codeOf('2026-11-22'), await codeOf('2025-11-23')]).toEqual(['10000', '10000'])
    expect((await ask('2026-11-22')).bill_file_code).toBe('EMPTY_DATA_WITH_BILL_FILE')
    expect(await codeOf('2025-11-22')).toBe('BILL_DATE_BEFORE_REGISTRATION')
    expect([await codeOf('2025-11'), await codeOf('2025-10')]).toEqual(['10000', 'BILL_DATE_BEFORE_REGISTRATION'])
    await sandbox.control.changeSettings({ bill_registered_days: 0 })
    expect(await codeOf('2026-11-22')).toBe('BILL_DATE_BEFORE_REGISTRATION')
    expect(await codeOf('2026-10')).toBe('BILL_DATE_BEFORE_REGISTRATION')
  })

  test('SBX-52 a bill is BILL_NOT_EXIST until 09:00 of the next virtual day', async () => {
    await pay('d1')
    await sandbox.clock.set(new Date('2026-11-24T08:59:59.999+08:00'))
    expect(await codeOf('2026-11-23')).toBe('BILL_NOT_EXIST')
    base.move(1)
    expect(await codeOf('2026-11-23')).toBe('10000')
    expect(await codeOf('2026-11-23', 'signcustomer')).toBe('10000')
    await sandbox.control.changeSettings({ bill_ready_at: '10:30' })
    expect(await codeOf('2026-11-23')).toBe('BILL_NOT_EXIST')
    await sandbox.clock.advance(1.5 * HOUR)
    expect(await codeOf('2026-11-23')).toBe('10000')
  })

  test('SBX-52 the bill of a month comes on the 3rd of the next, at the same hour', async () => {
    await pay('m1')
    await sandbox.clock.set(new Date('2026-12-03T08:59:00+08:00'))
    expect(await codeOf('2026-11')).toBe('BILL_NOT_EXIST')
    await sandbox.clock.advance(60_000)
    const { bill_download_url: url } = await ask('2026-11')
    expect(new URL(String(url)).searchParams.get('downloadFileName')).toBe(
      `${sandbox.merchant.sellerId}0156_202611.csv.zip`,
    )
    expect(await codeOf('2026-12')).toBe('INVAILID_ARGUMENTS')
  })

  test('SBX-52 bills are kept for six years', async () => {
    await pay('y1')
    await sandbox.clock.advance(6 * 365 * DAY)
    expect(await codeOf('2026-11-23')).toBe('10000')
    await sandbox.clock.advance(3 * DAY)
    expect(await codeOf('2026-11-23')).toBe('BILL_NOT_EXIST')
  })

  test('SBX-52 the codes that only a fault can bring about', async () => {
    await pay('e1')
    await sandbox.clock.advance(DAY)
    await sandbox.faults.add({ kind: 'bill_refused' })
    await sandbox.faults.add({ kind: 'bill_refused', value: 'SYSTEM_RATE_LIMIT' })
    await sandbox.faults.add({ kind: 'bill_refused', value: 'UNKNOWN_ERROR' })
    const codes = [await codeOf('2026-11-23'), await codeOf('2026-11-23'), await codeOf('2026-11-23')]
    expect(codes).toEqual(['USER_RATE_LIMIT', 'SYSTEM_RATE_LIMIT', 'UNKNOWN_ERROR'])
    expect(await codeOf('2026-11-23')).toBe('10000')
  })
})

describe('the download address', () => {
  test('SBX-54 works without a login for 30 real seconds, whatever virtual time does, and then refuses', async () => {
    await pay('l1')
    await sandbox.clock.advance(DAY)
    const { bill_download_url } = await ask('2026-11-23')
    const url = String(bill_download_url)
    const parts = new URL(url)
    expect(parts.origin).toBe(sandbox.endpoint)
    expect(parts.searchParams.get('bizType')).toBe('trade')
    expect(parts.searchParams.get('downloadFileName')).toBe(`${sandbox.merchant.sellerId}0156_20261123.csv.zip`)
    await sandbox.clock.advance(HOUR)
    base.move(29_000)
    const first = Buffer.from(await (await fetch(url)).arrayBuffer())
    expect(unzip(first)).toHaveLength(2)
    expect(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(first)).toBe(true)
    base.move(2000)
    const late = await fetch(url)
    expect([late.status, await late.text()]).toEqual([403, expect.stringContaining('已过期')])
  })

  test('SBX-54 the time is a setting, and an address cannot be guessed from another', async () => {
    await pay('l2')
    await sandbox.clock.advance(DAY)
    await sandbox.control.changeSettings({ bill_link_ttl: 5 })
    const one = String((await ask('2026-11-23')).bill_download_url)
    const two = String((await ask('2026-11-23')).bill_download_url)
    const token = new URL(one).searchParams.get('token') ?? ''
    expect(token).toMatch(/^[\w-]{32}$/)
    expect(new URL(two).searchParams.get('token')).not.toBe(token)
    const near = new URL(one)
    near.searchParams.set('token', `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)
    expect((await fetch(near)).status).toBe(403)
    near.searchParams.delete('token')
    expect((await fetch(near)).status).toBe(403)
    base.move(5000)
    expect((await fetch(one)).status).toBe(403)
  })

  test('SBX-54 two downloads of a bill that is ready are the same bytes', async () => {
    await pay('l3')
    await sandbox.clock.advance(DAY)
    const [a] = await fetchBill('2026-11-23')
    await sandbox.clock.advance(3 * DAY)
    const [b] = await fetchBill('2026-11-23')
    expect(a?.bytes.equals(b?.bytes ?? Buffer.alloc(0))).toBe(true)
    expect(readCsv(a?.bytes ?? Buffer.alloc(0)).footer.at(-1)).toBe('导出时间：[2026年11月24日 09:00:00]')
  })
})

describe('an empty day', () => {
  test('SBX-55 gives a file with zero totals and a code, or an error by setting', async () => {
    await sandbox.clock.advance(2 * DAY)
    expect((await ask('2026-11-24')).bill_file_code).toBe('EMPTY_DATA_WITH_BILL_FILE')
    const [detail, summary] = (await fetchBill('2026-11-24')).map(({ bytes }) => readCsv(bytes))
    expect(detail?.rows).toEqual([])
    expect(detail?.columns).toHaveLength(25)
    expect(detail?.footer.slice(1, 3)).toEqual([
      '交易合计：0笔，商家实收共0.00元，商家优惠共0.00元',
      '退款合计：0笔，商家实收退款共0.00元，商家优惠退款共0.00元',
    ])
    expect(summary?.rows).toMatchObject([{ 门店编号: '合计', 交易订单总笔数: '0', '实收净额（元）': '0.00' }])
    const [account] = (await fetchBill('2026-11-24', 'signcustomer')).map(({ bytes }) => readCsv(bytes))
    expect(account?.footer.slice(1, 3)).toEqual(['支出合计：0笔，共0.00元', '收入合计：0笔，共0.00元'])
    await sandbox.control.changeSettings({ empty_bill: 'NO_BILL_DATA' })
    expect([await codeOf('2026-11-24'), await codeOf('2026-11-24', 'signcustomer')]).toEqual([
      'NO_BILL_DATA',
      'NO_BILL_DATA',
    ])
    expect(await codeOf('2026-11-23', 'signcustomer')).toBe('10000')
  })

  test('SBX-70 under the limits of the official sandbox every bill is a template without rows', async () => {
    await pay('o1')
    await sandbox.control.changeSettings({ official_sandbox_limits: true })
    await sandbox.clock.advance(DAY)
    expect((await ask('2026-11-23')).bill_file_code).toBe('EMPTY_DATA_WITH_BILL_FILE')
    const [detail] = await fetchBill('2026-11-23')
    expect(readCsv(detail?.bytes ?? Buffer.alloc(0)).rows).toEqual([])
  })
})

test('SBX-43 SBX-52 alipay-sdk asks with validateSign and downloads what it was told', async () => {
  await pay('k1')
  await sandbox.clock.advance(DAY)
  const sdk = new AlipaySdk(sandbox.sdkConfig)
  const bizContent = { bill_type: 'trade', bill_date: '2026-11-23' }
  const answer = await sdk.exec(METHOD, { bizContent }, { validateSign: true })
  expect(answer.code).toBe('10000')
  const head = await fetch(answer.billDownloadUrl, { method: 'HEAD' })
  const file = Buffer.from(await (await fetch(answer.billDownloadUrl)).arrayBuffer())
  expect([head.status, head.headers.get('content-length')]).toEqual([200, String(file.length)])
  expect(readCsv(unzip(file)[0]?.bytes ?? Buffer.alloc(0)).rows).toMatchObject([{ 商户订单号: 'k1' }])
  const refused = await sdk.exec(
    METHOD,
    { bizContent: { ...bizContent, bill_type: 'zft_acc' } },
    { validateSign: true },
  )
  expect(refused).toMatchObject({ code: '40004', subCode: 'TYPE_NOT_SUPPORTED' })
})

test('SBX-53 another seller sees nothing of it', async () => {
  await pay('s1')
  await refund('s1', '1.00', 'r1')
  const other = await sandbox.control.createAccount({
    role: 'seller',
    logonId: 'other@example.com',
    displayName: '别家',
  })
  await sandbox.control.createApp({
    sellerId: other.id,
    publicKey: sandbox.merchant.appPublicKeyPem,
    id: '9021000000000001',
  })
  await sandbox.clock.advance(DAY)
  const own = await fetchBill('2026-11-23')
  expect(readCsv(own[0]?.bytes ?? Buffer.alloc(0)).rows).toHaveLength(2)
  const call = { bill_type: 'trade', bill_date: '2026-11-23' }
  const params = { app_id: '9021000000000001' }
  const { answer } = await callGateway(
    { ...sandbox, merchant: { ...sandbox.merchant, appId: params.app_id } },
    METHOD,
    call,
  )
  expect(answer.bill_file_code).toBe('EMPTY_DATA_WITH_BILL_FILE')
})
