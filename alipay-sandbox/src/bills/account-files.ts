import { beijingDay, formatBeijing } from '../engine/beijing.ts'
import type { MovementKind } from '../engine/ledger.ts'
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
import type { AccountLine } from './bill-lines.ts'

/** 业务类型 of a movement, and what 业务描述 adds to it. */
const KINDS: Readonly<Record<MovementKind, readonly [type: string, description: string]>> = {
  opening: ['充值', '开户余额'],
  top_up: ['充值', '沙箱充值'],
  payment: ['交易付款', '交易收款'],
  fee: ['收费', '交易服务费'],
  refund: ['交易退款', '交易退款'],
  fee_back: ['退费', '退回交易服务费'],
  transfer: ['转账', '转账'],
  transfer_returned: ['转账', '转账退回'],
}

type Column = readonly [string, (line: AccountLine) => string]

const COLUMNS: readonly Column[] = [
  ['账务流水号', (line) => `${beijingDay(new Date(line.at))}${String(line.no).padStart(16, '0')}`],
  ['业务流水号', (line) => line.about],
  ['商户订单号', (line) => cell(line.outTradeNo)],
  ['商品名称', (line) => cell(line.subject)],
  ['发生时间', (line) => formatBeijing(new Date(line.at))],
  ['对方账号', (line) => cell(line.counterpart)],
  ['收入金额（+元）', (line) => formatYuan(Math.max(line.amountFen, 0))],
  ['支出金额（-元）', (line) => formatYuan(Math.min(line.amountFen, 0))],
  ['账户余额（元）', (line) => formatYuan(line.balanceFen)],
  ['交易渠道', () => '支付宝'],
  ['业务类型', (line) => KINDS[line.kind][0]],
  ['备注', (line) => cell(line.body)],
]

const COLUMNS_OF_2026: readonly Column[] = [
  ['业务描述', (line) => KINDS[line.kind][1]],
  ['业务账单来源', (line) => (line.outTradeNo === '' ? '账户' : '商家交易')],
  ['业务基础订单号', (line) => cell(line.outTradeNo)],
  ['业务订单号', (line) => cell(line.requestNo === '' ? line.outTradeNo : line.requestNo)],
]

/** 账务明细 and 账务明细(汇总) of one account. */
export function accountFiles(head: BillHead, lines: readonly AccountLine[], style: BillStyle): BillFile[] {
  return [
    { name: `${fileStem(head)}_账务明细.csv`, lines: detail(head, lines, style) },
    { name: `${fileStem(head)}_账务明细(汇总).csv`, lines: summary(head, lines) },
  ]
}

function* detail(head: BillHead, lines: readonly AccountLine[], { bill_columns }: BillStyle): Generator<string> {
  const columns = bill_columns === 'classic' ? COLUMNS : [...COLUMNS, ...COLUMNS_OF_2026]
  const names = columns.map(([name]) => name)
  yield* openingLines(head, '支付宝账务明细查询', '账务明细列表', names)
  for (const line of lines) yield columns.map(([, write]) => write(line)).join(',')
  const total = sumUpAccount(lines)
  yield* closingLines(head, '账务明细列表', [
    `支出合计：${total.went}笔，共${formatYuan(total.wentFen)}元`,
    `收入合计：${total.came}笔，共${formatYuan(total.cameFen)}元`,
  ])
}

const SUMMARY_COLUMNS = ['类型', '收入笔数', '收入金额（+元）', '支出笔数', '支出金额（-元）', '总金额（元）']

function* summary(head: BillHead, lines: readonly AccountLine[]): Generator<string> {
  yield* openingLines(head, '支付宝账务汇总查询', '账务汇总列表', SUMMARY_COLUMNS)
  const types = new Map<string, AccountLine[]>()
  for (const line of lines) {
    const [type] = KINDS[line.kind]
    const ofType = types.get(type)
    if (ofType) ofType.push(line)
    else types.set(type, [line])
  }
  for (const [type, ofType] of types) yield summaryRow(type, sumUpAccount(ofType))
  yield summaryRow('合计', sumUpAccount(lines))
  yield* closingLines(head, '账务汇总列表')
}

function summaryRow(type: string, { came, cameFen, went, wentFen }: AccountTotal): string {
  return [type, came, formatYuan(cameFen), went, formatYuan(wentFen), formatYuan(cameFen + wentFen)].join(',')
}

export interface AccountTotal {
  readonly came: number
  readonly cameFen: number
  readonly went: number
  /** Not positive. */
  readonly wentFen: number
}

export function sumUpAccount(lines: readonly AccountLine[]): AccountTotal {
  const total = { came: 0, cameFen: 0, went: 0, wentFen: 0 }
  for (const { amountFen } of lines) {
    total[amountFen > 0 ? 'came' : 'went'] += 1
    total[amountFen > 0 ? 'cameFen' : 'wentFen'] += amountFen
  }
  return total
}
