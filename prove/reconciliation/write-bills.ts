import { billFile } from '@ihome/server/features/bills/testing-bill-file'
import { readAccountBill, readTradeBill } from '@ihome/server/features/payments/alipay/read-bill'
import type { BillSource } from '@ihome/server/features/payments/bill-source'
import type { PlannedTrade } from './plan-day.ts'

const yuan = (fen: number): string => {
  const digits = String(Math.abs(fen)).padStart(3, '0')
  return `${fen < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}
const timeOf = (no: number): string => {
  const second = 36_000 + (no % 36_000)
  const part = (value: number) => String(Math.floor(value)).padStart(2, '0')
  return `2026-11-23 ${part(second / 3_600)}:${part((second / 60) % 60)}:${part(second % 60)}`
}

interface Row {
  readonly type: '交易' | '退款' | '结算'
  readonly tradeNo: string
  readonly outTradeNo: string
  readonly requestNo?: string
  readonly amountFen: number
  readonly feeFen: number
  readonly no: number
}

/** The rows of the bill of trades, spoilt as planned. */
function rowsOf(trade: PlannedTrade): Row[] {
  const { fate, refund, no, tradeNo, outTradeNo, amountFen, feeFen } = trade
  const paid: Row = { type: '交易', tradeNo, outTradeNo, amountFen, feeFen, no }
  const back: Row | undefined = refund && {
    ...paid,
    type: '退款',
    requestNo: refund.requestNo,
    amountFen: refund.amountFen,
    feeFen: fate === 'fee_returned' ? 4 : 0,
  }
  const both = back ? [paid, back] : [paid]
  switch (fate) {
    case 'payment_amount_differs':
      return [{ ...paid, amountFen: amountFen + 1 }]
    case 'payment_missing':
      return []
    case 'trade_no_differs':
      return [{ ...paid, tradeNo: `${tradeNo}9` }]
    case 'line_twice':
      return [paid, paid]
    case 'line_unknown':
      return [paid, { ...paid, type: '结算' }]
    case 'refund_external':
      return [paid, { ...paid, type: '退款', requestNo: `console_${no}`, amountFen: 700, feeFen: 0 }]
    case 'refund_amount_differs':
      return [paid, ...(back ? [{ ...back, amountFen: back.amountFen + 1 }] : [])]
    case 'refund_missing':
    case 'refund_blocked':
      return [paid]
    case 'refund_unmatched':
      return [
        paid,
        {
          ...paid,
          type: '退款',
          outTradeNo: `${outTradeNo}x`,
          tradeNo: `${tradeNo}8`,
          requestNo: `q_${no}`,
          feeFen: 0,
        },
      ]
    case 'fee_differs':
      return [{ ...paid, feeFen: feeFen + 3 }]
    case 'fee_contradicted':
      return [{ ...paid, feeFen: feeFen + 5 }]
    default:
      return both
  }
}

const TRADE_HEADER = '支付宝交易号,商户订单号,业务类型,完成时间,订单金额（元）,退款批次号/请求号,服务费（元）'
const ACCOUNT_HEADER =
  '账务流水号,业务流水号,商户订单号,发生时间,收入金额（+元）,支出金额（-元）,账户余额（元）,业务类型'

function tradeFile(plan: readonly PlannedTrade[]): { text: string; rows: number } {
  const rows = plan.flatMap(rowsOf)
  const lines = rows.map(({ type, tradeNo, outTradeNo, requestNo = '', amountFen, feeFen, no }) =>
    [
      `${tradeNo}\t`,
      `${outTradeNo}\t`,
      `${type}\t`,
      timeOf(no),
      yuan(type === '退款' ? -amountFen : amountFen),
      `${requestNo}\t`,
      yuan(type === '退款' ? feeFen : -feeFen),
    ].join(','),
  )
  const count = (type: Row['type']) => rows.filter((row) => row.type === type).length
  const ends = [
    `#交易合计：${count('交易')}笔，商家实收共0.00元`,
    `#退款合计：${count('退款')}笔，商家实收退款共0.00元`,
  ]
  return { text: `${['#支付宝业务明细查询', TRADE_HEADER, ...lines, ...ends].join('\n')}\n`, rows: rows.length }
}

/** What really moved on the account: all that is true of the plan, whatever the other file says. */
function accountFile(plan: readonly PlannedTrade[], openingFen: number): string {
  let balance = openingFen
  let serial = 0
  let sign = 1
  const counts = { in: 0, out: 0 }
  const lines: string[] = []
  const move = (type: string, fen: number, about: string, outTradeNo: string, no: number) => {
    balance += fen
    serial += 1
    counts[fen > 0 ? 'in' : 'out'] += 1
    const amounts = fen > 0 ? [yuan(fen), '0.00'] : ['0.00', yuan(fen)]
    lines.push([`S${serial}`, about, outTradeNo, timeOf(no), ...amounts, yuan(balance), type].join(','))
  }
  for (const { fate, no, tradeNo, outTradeNo, amountFen, feeFen, refund } of plan) {
    const about = fate === 'trade_no_differs' ? `${tradeNo}9` : tradeNo
    const shift = fate === 'files_disagree' ? sign : 0
    if (shift !== 0) sign = -sign
    move('交易付款', amountFen + shift, about, outTradeNo, no)
    move('收费', -(fate === 'fee_differs' ? feeFen + 3 : feeFen), about, outTradeNo, no)
    if (refund && fate !== 'refund_blocked') move('交易退款', -refund.amountFen, about, outTradeNo, no)
    if (fate === 'fee_returned') move('退费', 4, about, outTradeNo, no)
    if (fate === 'refund_external') move('交易退款', -700, about, outTradeNo, no)
    if (fate === 'account_movement') move('提现', -1_000, `W${no}`, '', no)
  }
  const ends = [`#支出合计：${counts.out}笔，共0.00元`, `#收入合计：${counts.in}笔，共0.00元`]
  return `${['#支付宝账务明细查询', ACCOUNT_HEADER, ...lines, ...ends].join('\n')}\n`
}

/** Both bills of the day as the files that Alipay would give, read as the shop reads them. */
export function writeBills(plan: readonly PlannedTrade[], openingFen: number): { source: BillSource; rows: number } {
  const trade = tradeFile(plan)
  const files = {
    trade: billFile('20880000000000050156_20261123_业务明细.csv', trade.text),
    account: billFile('20880000000000050156_20261123_账务明细.csv', accountFile(plan, openingFen)),
  }
  const read = { trade: readTradeBill, account: readAccountBill }
  return {
    rows: trade.rows,
    source: {
      downloadBill: async (kind) =>
        ({ kind: 'bill', lines: read[kind](files[kind]), sha256: (kind === 'trade' ? 'a' : 'b').repeat(64) }) as never,
    },
  }
}
