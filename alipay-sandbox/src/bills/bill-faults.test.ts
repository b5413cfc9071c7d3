import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AlipaySandbox, type FaultKind, type SandboxKeys, startAlipaySandbox } from '../index.ts'
import { handClock } from '../testing/bare-engine.ts'
import { fenOf, readCsv, sumOf, unzip } from '../testing/bill-reader.ts'
import { sharedKeys } from '../testing/keys.ts'
import { callGateway, payUrl } from '../testing/merchant.ts'

const DAY = 86_400_000

let keys: SandboxKeys
let sandbox: AlipaySandbox
beforeAll(async () => {
  keys = await sharedKeys()
})
/** Three payments of 100.00 with a fee of 0.60 each, on 2026-11-23; the bill is ready. */
beforeEach(async () => {
  sandbox = await startAlipaySandbox({ port: 0, memory: true, keys, clock: handClock() })
  for (const no of ['a1', 'a2', 'b1']) {
    await sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: no, total_amount: '100.00' }) })
  }
  await sandbox.clock.advance(DAY)
})
afterEach(() => sandbox.stop())

async function ask(bill_type = 'trade') {
  const call = { bill_type, bill_date: '2026-11-23' }
  return (await callGateway(sandbox, 'alipay.data.dataservice.bill.downloadurl.query', call)).answer
}
async function download(type?: string): Promise<Buffer> {
  const response = await fetch(String((await ask(type)).bill_download_url))
  return Buffer.from(await response.arrayBuffer())
}
/** `number amount fee` of every row of the trade bill, after the totals were checked against the rows. */
async function rows(): Promise<string[]> {
  const [detail, summary] = unzip(await download()).map(({ bytes }) => readCsv(bytes))
  const total = sumOf(detail?.rows ?? [], '商家实收（元）')
  expect(detail?.footer[1]).toContain(`${detail?.rows.length}笔，商家实收共${(total / 100).toFixed(2)}元`)
  expect(fenOf(summary?.rows.at(-1)?.['商家实收（元）'] ?? '')).toBe(total)
  return (detail?.rows ?? []).map((row) => [row.商户订单号, row['商家实收（元）'], row['服务费（元）']].join(' '))
}

const TRUE_ROWS = ['a1 100.00 -0.60', 'a2 100.00 -0.60', 'b1 100.00 -0.60']

describe('SBX-69 faults of the trade bill strike a row, and the totals follow the rows', () => {
  const cases: readonly (readonly [FaultKind, readonly string[]])[] = [
    ['bill_line_missing', ['a1 100.00 -0.60', 'b1 100.00 -0.60']],
    ['bill_line_twice', ['a1 100.00 -0.60', 'a2 100.00 -0.60', 'a2 100.00 -0.60', 'b1 100.00 -0.60']],
    ['bill_foreign_line', ['a1 100.00 -0.60', 'a2 100.00 -0.60', 'other_merchant_1 100.00 -0.60', 'b1 100.00 -0.60']],
    ['bill_amount_changed', ['a1 100.00 -0.60', 'a2 100.01 -0.60', 'b1 100.00 -0.60']],
    ['bill_fee_changed', ['a1 100.00 -0.60', 'a2 100.00 -0.61', 'b1 100.00 -0.60']],
  ]
  test.each(cases)('SBX-69 %s', async (kind, expected) => {
    await sandbox.faults.add({ kind, outTradeNo: 'a2' })
    expect(await rows()).toEqual(expected)
    expect(sandbox.faults.list()).toMatchObject([{ kind, used: 1 }])
    expect(await rows()).toEqual(TRUE_ROWS)
  })

  test('SBX-69 without a number the first row is struck; a pattern and a count strike several', async () => {
    await sandbox.faults.add({ kind: 'bill_line_missing' })
    expect(await rows()).toEqual(TRUE_ROWS.slice(1))
    await sandbox.faults.add({ kind: 'bill_amount_changed', outTradeNo: 'a*', times: null })
    expect(await rows()).toEqual(['a1 100.01 -0.60', 'a2 100.01 -0.60', 'b1 100.00 -0.60'])
    await sandbox.faults.add({ kind: 'bill_line_twice', outTradeNo: 'nobody' })
    expect((await rows()).length).toBe(3)
    expect(sandbox.faults.list().at(-1)?.used).toBe(0)
  })

  test('SBX-69 the same spoilt file comes from one address as often as it is fetched', async () => {
    await sandbox.faults.add({ kind: 'bill_line_missing' })
    const url = String((await ask()).bill_download_url)
    const get = async () => Buffer.from(await (await fetch(url)).arrayBuffer())
    const first = await get()
    expect(readCsv(unzip(first)[0]?.bytes ?? Buffer.alloc(0)).rows).toHaveLength(2)
    expect((await get()).equals(first)).toBe(true)
  })
})

test('SBX-69 the account bill is spoilt in the same ways', async () => {
  const movements = async () =>
    readCsv(unzip(await download('signcustomer'))[0]?.bytes ?? Buffer.alloc(0)).rows.map((row) =>
      [row.商户订单号, row.业务类型, row['收入金额（+元）'], row['支出金额（-元）']].join(' '),
    )
  await sandbox.faults.add({ kind: 'bill_fee_changed' })
  await sandbox.faults.add({ kind: 'bill_foreign_line', outTradeNo: 'b1' })
  expect(await movements()).toEqual([
    ' 充值 100000.00 0.00',
    'a1 交易付款 100.00 0.00',
    'a1 收费 0.00 -0.61',
    'a2 交易付款 100.00 0.00',
    'a2 收费 0.00 -0.60',
    'b1 交易付款 100.00 0.00',
    'other_merchant_1 交易付款 100.00 0.00',
    'b1 收费 0.00 -0.60',
  ])
})

test('SBX-69 bill_late: the bill is ready so many days later, however often it is asked for', async () => {
  const late = await sandbox.faults.add({ kind: 'bill_late', days: 2 })
  await sandbox.clock.set(new Date('2026-11-26T08:59:59+08:00'))
  expect([(await ask()).sub_code, (await ask('signcustomer')).sub_code]).toEqual(['BILL_NOT_EXIST', 'BILL_NOT_EXIST'])
  expect(sandbox.faults.list()).toMatchObject([{ id: late.id, used: 2 }])
  await sandbox.clock.advance(1000)
  expect((await ask()).code).toBe('10000')
  expect(sandbox.faults.list()).toMatchObject([{ used: 2 }])
})

test('SBX-69 bill_truncated: half of the ZIP, with a length that says so', async () => {
  const whole = await download()
  await sandbox.faults.add({ kind: 'bill_truncated' })
  const cut = await download()
  expect(cut.equals(whole.subarray(0, Math.floor(whole.length / 2)))).toBe(true)
  expect(() => unzip(cut)).toThrow()
  expect(await rows()).toEqual(TRUE_ROWS)
})
