import type { AccountLine, TradeLine } from '@ihome/core/bills/bill'
import { fenFromYuanText } from '@ihome/core/money'
import { BadBill, type BillTable, readTable, unpackCsv } from './bill-file.ts'

/** 业务明细: payments and refunds. Throws {@link BadBill} when the file cannot be believed whole. */
export function readTradeBill(zip: Uint8Array): TradeLine[] {
  const table = readTable(unpackCsv(zip, '_业务明细.csv'))
  const lines = table.rows.map((row, index): TradeLine => {
    const cell = (column: string) => table.cell(row, column)
    const type = TRADE_TYPES[cell('业务类型')] ?? 'other'
    return {
      no: index + 1,
      type,
      tradeNo: cell('支付宝交易号'),
      outTradeNo: cell('商户订单号'),
      requestNo: type === 'refund' ? cell('退款批次号/请求号') || null : null,
      // 业务类型 tells the direction; whether a fee is written with a minus is not settled (alipay.md 4).
      amountFen: Math.abs(signedFen(cell('订单金额（元）'))),
      feeFen: Math.abs(signedFen(cell('服务费（元）'))),
      at: instantOf(cell('完成时间')),
    }
  })
  expectCount(table, /^交易合计：(\d+)笔/, lines.filter(({ type }) => type === 'payment').length)
  expectCount(table, /^退款合计：(\d+)笔/, lines.filter(({ type }) => type === 'refund').length)
  return lines
}

const TRADE_TYPES: Readonly<Record<string, TradeLine['type']>> = { 交易: 'payment', 退款: 'refund' }

/** 账务明细: every movement of the account, with the balance after it. */
export function readAccountBill(zip: Uint8Array): AccountLine[] {
  const table = readTable(unpackCsv(zip, '_账务明细.csv'))
  const lines = table.rows.map((row, index): AccountLine => {
    const cell = (column: string) => table.cell(row, column)
    const words = cell('业务类型')
    return {
      no: index + 1,
      serial: cell('账务流水号'),
      type: ACCOUNT_TYPES[words] ?? 'other',
      about: cell('业务流水号'),
      outTradeNo: cell('商户订单号'),
      amountFen: Math.abs(signedFen(cell('收入金额（+元）'))) - Math.abs(signedFen(cell('支出金额（-元）'))),
      balanceFen: signedFen(cell('账户余额（元）')),
      at: instantOf(cell('发生时间')),
      words,
    }
  })
  expectCount(table, /^支出合计：(\d+)笔/, lines.filter(({ amountFen }) => amountFen <= 0).length)
  expectCount(table, /^收入合计：(\d+)笔/, lines.filter(({ amountFen }) => amountFen > 0).length)
  return lines
}

const ACCOUNT_TYPES: Readonly<Record<string, AccountLine['type']>> = {
  交易付款: 'payment',
  交易退款: 'refund',
  收费: 'fee',
  退费: 'fee_back',
  转账: 'transfer',
}

/** A file that ends too early has fewer rows than it says; an empty day may say nothing. */
function expectCount(table: BillTable, said: RegExp, count: number): void {
  const match = table.notes.map((note) => said.exec(note)).find((found) => found !== null)
  if (!match) throw new BadBill('csv_no_end')
  if (Number(match[1]) !== count) throw new BadBill('csv_count')
}

function signedFen(text: string): number {
  const negative = text.startsWith('-')
  const fen = fenFromYuanText(/^[-+]/.test(text) ? text.slice(1) : text)
  if (fen === undefined) throw new BadBill('csv_amount')
  return negative ? 0 - fen : fen
}

const BEIJING = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})$/

function instantOf(text: string): Date {
  const match = BEIJING.exec(text)
  const instant = match ? new Date(`${match[1]}T${match[2]}+08:00`) : undefined
  if (!instant || Number.isNaN(instant.getTime())) throw new BadBill('csv_time')
  return instant
}
