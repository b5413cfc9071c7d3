import { formatBeijing } from '../engine/beijing.ts'
import type { Instant } from '../engine/model.ts'
import { formatYuan } from '../engine/money.ts'
import {
  type BillFile,
  type BillHead,
  type BillStyle,
  cell,
  closingLines,
  fileStem,
  openingLines,
} from './bill-file.ts'
import type { TradeLine } from './bill-lines.ts'

/** A cell that the real files end with a TAB, also when it is empty. */
const tabbed = (text: string) => `${cell(text)}\t`
const time = (at: Instant) => formatBeijing(new Date(at))

type Cell = (line: TradeLine, style: BillStyle) => string
const nothing: Cell = () => '0.00'

const DETAIL_COLUMNS: readonly (readonly [string, Cell])[] = [
  ['支付宝交易号', (line) => tabbed(line.tradeNo)],
  ['商户订单号', (line) => tabbed(line.outTradeNo)],
  ['业务类型', (line) => tabbed(line.kind === 'payment' ? '交易' : '退款')],
  ['商品名称', (line) => cell(line.subject)],
  ['创建时间', (line) => time(line.createdAt)],
  ['完成时间', (line) => time(line.doneAt)],
  ['门店编号', (line) => tabbed(line.storeId)],
  ['门店名称', () => tabbed('')],
  ['操作员', () => tabbed('')],
  ['终端号', () => tabbed('')],
  ['对方账户', (line) => tabbed(line.counterpart)],
  ['订单金额（元）', (line) => formatYuan(line.amountFen)],
  ['商家实收（元）', (line) => formatYuan(line.amountFen)],
  ['支付宝红包（元）', nothing],
  ['集分宝（元）', nothing],
  ['支付宝优惠（元）', nothing],
  ['商家优惠（元）', nothing],
  ['券核销金额（元）', nothing],
  ['券名称', () => ''],
  ['商家红包消费金额（元）', () => tabbed('0.00')],
  ['卡消费金额（元）', nothing],
  ['退款批次号/请求号', (line) => tabbed(line.requestNo)],
  ['服务费（元）', (line, style) => formatYuan(shownFee(line.feeFen, style))],
  ['分润（元）', nothing],
  ['备注', (line) => cell(line.body)],
]

/** A fee of nothing has no sign. */
const shownFee = (feeFen: number, { fee_sign }: BillStyle) =>
  fee_sign === 'negative' || feeFen === 0 ? feeFen : -feeFen

/** 业务明细 and 业务明细(汇总) of one seller. */
export function tradeFiles(head: BillHead, lines: readonly TradeLine[], style: BillStyle): BillFile[] {
  return [
    { name: `${fileStem(head)}_业务明细.csv`, lines: detail(head, lines, style) },
    { name: `${fileStem(head)}_业务明细(汇总).csv`, lines: summary(head, lines, style) },
  ]
}

function* detail(head: BillHead, lines: readonly TradeLine[], style: BillStyle): Generator<string> {
  const names = DETAIL_COLUMNS.map(([name]) => name)
  yield* openingLines(head, '支付宝业务明细查询', '业务明细列表', names)
  for (const line of lines) yield DETAIL_COLUMNS.map(([, write]) => write(line, style)).join(',')
  const total = sumUp(lines)
  yield* closingLines(head, '业务明细列表', [
    `交易合计：${total.payments}笔，商家实收共${formatYuan(total.paidFen)}元，商家优惠共0.00元`,
    `退款合计：${total.refunds}笔，商家实收退款共${formatYuan(total.refundedFen)}元，商家优惠退款共0.00元`,
  ])
}

const SUMMARY_COLUMNS = [
  '门店编号',
  '门店名称',
  '交易订单总笔数',
  '退款订单总笔数',
  '订单金额（元）',
  '商家实收（元）',
  '支付宝优惠（元）',
  '商家优惠（元）',
  '卡消费金额（元）',
  '服务费（元）',
  '分润（元）',
  '实收净额（元）',
]

function* summary(head: BillHead, lines: readonly TradeLine[], style: BillStyle): Generator<string> {
  yield* openingLines(head, '支付宝业务汇总查询', '业务汇总列表', SUMMARY_COLUMNS)
  for (const [storeId, ofStore] of byStore(lines)) yield summaryRow(cell(storeId), sumUp(ofStore), style)
  yield summaryRow('合计', sumUp(lines), style)
  yield* closingLines(head, '业务汇总列表')
}

function byStore(lines: readonly TradeLine[]): Map<string, TradeLine[]> {
  const stores = new Map<string, TradeLine[]>()
  for (const line of lines) {
    const ofStore = stores.get(line.storeId)
    if (ofStore) ofStore.push(line)
    else stores.set(line.storeId, [line])
  }
  return stores
}

function summaryRow(store: string, total: TradeTotal, style: BillStyle): string {
  const receivedFen = total.paidFen + total.refundedFen
  const received = formatYuan(receivedFen)
  const fee = formatYuan(shownFee(total.feeFen, style))
  const net = formatYuan(receivedFen + total.feeFen)
  return [store, '', total.payments, total.refunds, received, received, '0.00', '0.00', '0.00', fee, '0.00', net].join(
    ',',
  )
}

export interface TradeTotal {
  readonly payments: number
  readonly refunds: number
  readonly paidFen: number
  /** Not positive. */
  readonly refundedFen: number
  /** As the account saw it: negative when charged. */
  readonly feeFen: number
}

export function sumUp(lines: readonly TradeLine[]): TradeTotal {
  const total = { payments: 0, refunds: 0, paidFen: 0, refundedFen: 0, feeFen: 0 }
  for (const { kind, amountFen, feeFen } of lines) {
    total[kind === 'payment' ? 'payments' : 'refunds'] += 1
    total[kind === 'payment' ? 'paidFen' : 'refundedFen'] += amountFen
    total.feeFen += feeFen
  }
  return total
}
