import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AlipaySandbox, startAlipaySandbox } from '../index.ts'
import { handClock } from '../testing/bare-engine.ts'
import { fenOf, type ReadBill, readCsv, type UnzippedFile, unzip } from '../testing/bill-reader.ts'
import { sharedKeys } from '../testing/keys.ts'
import { callGateway, payUrl } from '../testing/merchant.ts'

/** One day with known trades; every test reads it and none changes it but by settings. */
let sandbox: AlipaySandbox
let seller: string
let firstTrade: string
const base = handClock('2026-09-16T02:55:23Z')
beforeAll(async () => {
  sandbox = await startAlipaySandbox({
    port: 0,
    memory: true,
    keys: await sharedKeys(),
    clock: base,
    accounts: [{ role: 'buyer', logonId: 'abcdef@example.com', displayName: '王小明', balanceFen: 10_000_000 }],
  })
  seller = sandbox.merchant.sellerId
  await sandbox.control.changeSettings({ refund_fee_policy: 'proportional' })
  const pay = (biz: Readonly<Record<string, unknown>>) =>
    sandbox.pay({ payUrl: payUrl(sandbox, biz), buyer: 'abcdef@example.com' })
  const { trade } = await pay({ out_trade_no: 'ih1_K7Q', total_amount: '4112.00' })
  firstTrade = trade?.tradeNo ?? ''
  base.move(3_878_000)
  await callGateway(sandbox, 'alipay.trade.refund', {
    out_trade_no: 'ih1_K7Q',
    refund_amount: '1000.00',
    out_request_no: 'rf_1',
  })
  base.move(60_000)
  await pay({
    out_trade_no: 'ih1_b',
    total_amount: '0.01',
    subject: 'a,b\r\nc\td "房" 😀',
    body: '备,注',
    store_id: 'S7',
  })
  await sandbox.clock.set(new Date('2026-09-17T09:00:00+08:00'))
})
afterAll(() => sandbox.stop())

async function fetchBill(type: 'trade' | 'signcustomer', date = '2026-09-16'): Promise<UnzippedFile[]> {
  const { answer } = await callGateway(sandbox, 'alipay.data.dataservice.bill.downloadurl.query', {
    bill_type: type,
    bill_date: date,
  })
  const response = await fetch(String(answer.bill_download_url))
  return unzip(Buffer.from(await response.arrayBuffer()))
}
const textOf = (file: UnzippedFile | undefined) => new TextDecoder('gbk').decode(file?.bytes)

describe('the trade bill', () => {
  test('SBX-53 names are GBK bytes without the UTF-8 flag, contents are deflated, sizes stand in the local headers', async () => {
    const files = await fetchBill('trade')
    expect(files.map(({ name }) => name)).toEqual([
      `${seller}0156_20260916_业务明细.csv`,
      `${seller}0156_20260916_业务明细(汇总).csv`,
    ])
    for (const { flags, method } of files) expect([flags, method]).toEqual([0, 8])
    expect(files[0]?.rawName.subarray(30).toString('hex')).toBe('d2b5cef1c3f7cfb82e637376')
  })

  test('SBX-53 the detail file is the documented one to the byte', async () => {
    const [detail] = await fetchBill('trade')
    const second = sandbox.control.trade('ih1_b').tradeNo
    expect(textOf(detail)).toBe(
      [
        '#支付宝业务明细查询',
        `#账号：[${seller}0156]`,
        '#起始日期：[2026年09月16日 00:00:00]   终止日期：[2026年09月17日 00:00:00]',
        '#-----------------------------------------业务明细列表----------------------------------------',
        '支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注',
        `${firstTrade}\t,ih1_K7Q\t,交易\t,爱家租房,2026-09-16 10:55:23,2026-09-16 10:55:23,\t,\t,\t,\t,*小明(abc***@example.com)\t,4112.00,4112.00,0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,\t,-24.67,0.00,`,
        `${firstTrade}\t,ih1_K7Q\t,退款\t,爱家租房,2026-09-16 10:55:23,2026-09-16 12:00:01,\t,\t,\t,\t,*小明(abc***@example.com)\t,-1000.00,-1000.00,0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,rf_1\t,5.99,0.00,`,
        `${second}\t,ih1_b\t,交易\t,a b  c d "房" ?,2026-09-16 12:01:01,2026-09-16 12:01:01,S7\t,\t,\t,\t,*小明(abc***@example.com)\t,0.01,0.01,0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,\t,0.00,0.00,备 注`,
        '#-----------------------------------------业务明细列表结束------------------------------------',
        '#交易合计：2笔，商家实收共4112.01元，商家优惠共0.00元',
        '#退款合计：1笔，商家实收退款共-1000.00元，商家优惠退款共0.00元',
        '#导出时间：[2026年09月17日 09:00:00]',
        '',
      ].join('\n'),
    )
  })

  test('SBX-53 the summary has a row for each store and ends with the sum of them', async () => {
    const [, summary] = await fetchBill('trade')
    expect(textOf(summary).split('\n').slice(0, 9)).toEqual([
      '#支付宝业务汇总查询',
      `#账号：[${seller}0156]`,
      '#起始日期：[2026年09月16日 00:00:00]   终止日期：[2026年09月17日 00:00:00]',
      '#-----------------------------------------业务汇总列表----------------------------------------',
      '门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）',
      ',,1,1,3112.00,3112.00,0.00,0.00,0.00,-18.68,0.00,3093.32',
      'S7,,1,0,0.01,0.01,0.00,0.00,0.00,0.00,0.00,0.01',
      '合计,,2,1,3112.01,3112.01,0.00,0.00,0.00,-18.68,0.00,3093.33',
      '#-----------------------------------------业务汇总列表结束------------------------------------',
    ])
  })
})

/** Reads a ZIP from standard input; the names come as the bytes that they are. */
const PYTHON = `
import io, json, sys, zipfile
archive = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
assert archive.testzip() is None
print(json.dumps([[one.filename.encode('cp437').hex(), archive.read(one).hex()] for one in archive.infolist()]))
`

test("SBX-53 Python's zipfile, on machines that have one, finds the same files", async () => {
  const { bytes } = await sandbox.control.billFile({ date: '2026-09-16' })
  const python = spawnSync('python3', ['-c', PYTHON], { input: bytes, encoding: 'utf8', maxBuffer: 1 << 24 })
  const own = unzip(bytes).map((file) => [file.rawName.toString('hex'), file.bytes.toString('hex')])
  expect(own).toHaveLength(2)
  if (python.error === undefined) expect([python.stderr, JSON.parse(python.stdout)]).toEqual(['', own])
})

describe('the account bill', () => {
  test('SBX-53 every movement with the balance after it, in the classic columns', async () => {
    await sandbox.control.changeSettings({ bill_columns: 'classic' })
    const files = await fetchBill('signcustomer')
    await sandbox.control.changeSettings({ bill_columns: '2026' })
    expect(files.map(({ name }) => name)).toEqual([
      `${seller}0156_20260916_账务明细.csv`,
      `${seller}0156_20260916_账务明细(汇总).csv`,
    ])
    const lines = textOf(files[0]).split('\n')
    expect(lines.slice(0, 5)).toEqual([
      '#支付宝账务明细查询',
      `#账号：[${seller}0156]`,
      '#起始日期：[2026年09月16日 00:00:00]   终止日期：[2026年09月17日 00:00:00]',
      '#-----------------------------------------账务明细列表----------------------------------------',
      '账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注',
    ])
    expect(lines.slice(5, 11).map((line) => line.split(',').slice(4, 11).join(','))).toEqual([
      '2026-09-16 10:55:23,沙箱充值,100000.00,0.00,100000.00,支付宝,充值',
      '2026-09-16 10:55:23,*小明(abc***@example.com),4112.00,0.00,104112.00,支付宝,交易付款',
      '2026-09-16 10:55:23,沙箱手续费,0.00,-24.67,104087.33,支付宝,收费',
      '2026-09-16 12:00:01,沙箱手续费,5.99,0.00,104093.32,支付宝,退费',
      '2026-09-16 12:00:01,*小明(abc***@example.com),0.00,-1000.00,103093.32,支付宝,交易退款',
      '2026-09-16 12:01:01,*小明(abc***@example.com),0.01,0.00,103093.33,支付宝,交易付款',
    ])
    expect(lines.slice(11)).toEqual([
      '#-----------------------------------------账务明细列表结束------------------------------------',
      '#支出合计：2笔，共-1024.67元',
      '#收入合计：4笔，共104118.00元',
      '#导出时间：[2026年09月17日 09:00:00]',
      '',
    ])
    const numbers = readCsv(files[0]?.bytes ?? Buffer.alloc(0)).rows.map((row) => row.账务流水号)
    expect(new Set(numbers).size).toBe(6)
    for (const number of numbers) expect(number).toMatch(/^20260916\d{16}$/)
  })

  test('SBX-53 the summary has a row for each type of movement and ends with their sum', async () => {
    const [, summary] = await fetchBill('signcustomer')
    expect(textOf(summary).split('\n').slice(4, 11)).toEqual([
      '类型,收入笔数,收入金额（+元）,支出笔数,支出金额（-元）,总金额（元）',
      '充值,1,100000.00,0,0.00,100000.00',
      '交易付款,2,4112.01,0,0.00,4112.01',
      '收费,0,0.00,1,-24.67,-24.67',
      '退费,1,5.99,0,0.00,5.99',
      '交易退款,0,0.00,1,-1000.00,-1000.00',
      '合计,4,104118.00,2,-1024.67,103093.33',
    ])
  })

  test('SBX-55 the columns of 2026 are appended', async () => {
    const [detail] = await fetchBill('signcustomer')
    const { columns, rows } = readCsv(detail?.bytes ?? Buffer.alloc(0))
    expect(columns.slice(11)).toEqual(['备注', '业务描述', '业务账单来源', '业务基础订单号', '业务订单号'])
    expect(rows[4]).toMatchObject({ 业务描述: '交易退款', 业务基础订单号: 'ih1_K7Q', 业务订单号: 'rf_1' })
  })
})

test('SBX-55 a reader by name gets the same from all eight variants', async () => {
  const seen = new Set<string>()
  const bytes = new Set<string>()
  for (const bill_newline of ['LF', 'CRLF'] as const) {
    for (const bill_columns of ['classic', '2026'] as const) {
      for (const fee_sign of ['negative', 'positive'] as const) {
        await sandbox.control.changeSettings({ bill_newline, bill_columns, fee_sign })
        const [trades] = await fetchBill('trade')
        const [account] = await fetchBill('signcustomer')
        for (const file of [trades, account]) expect(textOf(file).includes('\r')).toBe(bill_newline === 'CRLF')
        bytes.add(`${textOf(trades)}${textOf(account)}`)
        seen.add(JSON.stringify([readTrades(trades), readAccount(account)]))
      }
    }
  }
  expect(bytes.size).toBe(8)
  expect(seen.size).toBe(1)
  expect(JSON.parse([...seen][0] ?? '')[0][1]).toEqual(['ih1_K7Q', 'rf_1', -100_000, 599])
})

const csvOf = (file: UnzippedFile | undefined): ReadBill => readCsv(file?.bytes ?? Buffer.alloc(0))

/** As a careful merchant reads it: the type of a row gives the direction of its fee, the cell only the magnitude. */
const readTrades = (file: UnzippedFile | undefined) =>
  csvOf(file).rows.map((row) => {
    const magnitude = Math.abs(fenOf(row['服务费（元）'] ?? ''))
    const feeFen = row.业务类型 === '退款' ? magnitude : -magnitude
    return [row.商户订单号, row['退款批次号/请求号'], fenOf(row['商家实收（元）'] ?? ''), feeFen]
  })

const readAccount = (file: UnzippedFile | undefined) =>
  csvOf(file).rows.map((row) => [
    row.账务流水号,
    row.业务类型,
    fenOf(row['收入金额（+元）'] ?? '') - Math.abs(fenOf(row['支出金额（-元）'] ?? '')),
    row['账户余额（元）'],
  ])
