import type { EarningMonthView, EarningsView, EarningView } from '@ihome/contract/schemas/earnings'
import { dayInShanghai, monthOf } from '@ihome/core/calendar'
import { addFen, toFen, yuanText } from '@ihome/core/money'
import { hostShare } from '@ihome/core/orders/cancel-rule'
import type { Deps } from '../../platform/deps.ts'
import { assertVerified } from '../accounts/verified.ts'
import type { Language } from '../pages/built-web.ts'
import { feeRates } from '../payments/payment-needs.ts'
import { balanceOf, type EarningRow, listEarnings, listHeld, sumMonths } from './earnings-store.ts'

type Needs = Pick<Deps, 'db' | 'clock' | 'config'>

const MONTHS = 12
const PAGE = 20
/** A file for a spreadsheet; a host with more asks again by month. */
const CSV_MOST = 5_000

/**
 * What a host has earned and will earn, by the ledger alone: one page of orders, twelve months, and the two sums. Says
 * no with `not_verified`.
 */
export async function readEarnings(needs: Needs, hostId: number, cursor: string | undefined): Promise<EarningsView> {
  const { db, clock, config } = needs
  await assertVerified(db, hostId)
  const months = lastMonths(dayInShanghai(clock.now()))
  const before = cursor === undefined ? undefined : Number(cursor)
  const [rows, sums, due, held] = await Promise.all([
    listEarnings(db, hostId, { before, most: PAGE }),
    sumMonths(db, hostId, months[0] ?? ''),
    balanceOf(db, hostId),
    listHeld(db, hostId),
  ])
  const shown = rows.slice(0, PAGE)
  const rates = feeRates(config)
  return {
    due_fen: due,
    pending_fen: addFen(...held.map((fen) => hostShare(toFen(fen), rates).net)),
    months: months.map((month): EarningMonthView => {
      const sum = sums.find((candidate) => candidate.month === month)
      const parts = {
        fee_fen: sum?.gateway_fee_fen ?? 0,
        platform_fee_fen: sum?.platform_fee_fen ?? 0,
        net_fen: sum?.net_fen ?? 0,
      }
      return {
        month,
        orders: sum?.orders ?? 0,
        amount: parts.fee_fen + parts.platform_fee_fen + parts.net_fen,
        ...parts,
      }
    }),
    items: shown.map((row) => viewOf(row, config)),
    next_cursor: rows.length > PAGE ? String(shown.at(-1)?.order_id) : null,
  }
}

function viewOf(row: EarningRow, config: Needs['config']): EarningView {
  const share = hostShare(toFen(row.held_fen), feeRates(config))
  const fee = row.gateway_fee_fen + share.gatewayFee
  const platform = row.platform_fee_fen + share.platformFee
  const net = row.net_fen + share.net
  return {
    order_id: row.order_id,
    title: row.title,
    start_date: row.start_date,
    end_date: row.end_date,
    amount: fee + platform + net,
    fee_fen: fee,
    platform_fee_fen: platform,
    net_fen: net,
    fee_confirmed: row.fee_confirmed,
    state: row.held_fen > 0 ? 'pending' : 'due',
    earned_at: row.earned_at?.toISOString() ?? null,
  }
}

const lastMonths = (today: string): string[] =>
  Array.from({ length: MONTHS }, (_, index) => monthOf(today, index - MONTHS + 1).first.slice(0, 7))

const WORDS: Readonly<
  Record<
    Language,
    { readonly head: readonly string[] } & Readonly<Record<'confirmed' | 'expected' | EarningView['state'], string>>
  >
> = {
  zh: {
    head: [
      ...['订单编号', '房源', '入住日期', '离开日期', '订单金额(元)', '支付手续费(元)', '平台服务费(元)', '到手(元)'],
      ...['手续费', '状态'],
    ],
    confirmed: '已确认',
    expected: '预计',
    due: '可结算',
    pending: '待结算',
  },
  en: {
    head: [
      ...['Order', 'Home', 'Check-in', 'Check-out', 'Amount (CNY)', 'Payment fee (CNY)', 'Platform fee (CNY)'],
      ...['You get (CNY)', 'Fee', 'State'],
    ],
    confirmed: 'confirmed',
    expected: 'expected',
    due: 'due',
    pending: 'pending',
  },
}

/**
 * All orders with money as a table for spreadsheets, in the reader's language: UTF-8 with its mark, amounts in yuan. Says
 * no with `not_verified`.
 */
export async function exportEarnings({ db, config }: Needs, hostId: number, lang: Language): Promise<string> {
  await assertVerified(db, hostId)
  const words = WORDS[lang]
  const rows = await listEarnings(db, hostId, { before: undefined, most: CSV_MOST })
  const lines = rows.slice(0, CSV_MOST).map((row) => {
    const view = viewOf(row, config)
    const money = [view.amount, view.fee_fen, view.platform_fee_fen, view.net_fen].map((fen) => yuanText(toFen(fen)))
    const fee = view.fee_confirmed ? words.confirmed : words.expected
    return [String(view.order_id), view.title, view.start_date, view.end_date, ...money, fee, words[view.state]]
  })
  return `\uFEFF${[words.head, ...lines].map((cells) => cells.map(cellOf).join(',')).join('\r\n')}\r\n`
}

/** A spreadsheet takes what begins with one of these signs for a formula, whoever wrote it. */
function cellOf(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}
