import type { AccountLine, BilledFee, Books, Difference, JudgedLine, TradeLine } from '@ihome/core/bills/bill'
import { compareAccount } from '@ihome/core/bills/compare-account'
import { compareTrades } from '@ihome/core/bills/compare-trades'
import { addDays, type CivilDate, instantInShanghai } from '@ihome/core/calendar'
import { readBilledBooks } from '../payments/billed-books.ts'
import { numberPrefix } from '../payments/out-trade-no.ts'
import { readBilledPayouts } from '../payouts/billed-payouts.ts'
import type { BillNeeds } from './bill-needs.ts'
import { type Bill, type BillLine, listLines, shownOn } from './bill-store.ts'

export interface DayFiles {
  readonly day: CivilDate
  readonly trade: Bill
  readonly trades: readonly TradeLine[]
  /** Absent where the gateway gives no bill of the account, or has not given it in time. */
  readonly account: readonly AccountLine[] | undefined
  /** The account's balance after the last line before this day. */
  readonly openingFen: number | undefined
}

export interface DayJudgement {
  readonly lines: ReadonlyMap<number, JudgedLine>
  readonly differences: readonly Difference[]
  readonly fees: readonly BilledFee[]
}

/**
 * How far back an attempt's line may lie: a message comes late, and what we heard of on one day may stand in the bill
 * of an earlier one.
 */
const LOOK_BACK_DAYS = 7
/** Two clocks may differ; what came to us just before midnight is looked for in the next day's bill as well. */
const SKEW_MS = 5 * 60_000

/** Compares the files of a day with our books as they stand now. Writes nothing. */
export async function judgeDay(needs: BillNeeds, files: DayFiles): Promise<DayJudgement> {
  const { day, trades, account } = files
  const window = {
    from: new Date(instantInShanghai(day, 0).getTime() - SKEW_MS),
    to: new Date(instantInShanghai(day, 24).getTime() - SKEW_MS),
  }
  const numbers = [...new Set(trades.map(({ outTradeNo }) => outTradeNo))]
  const booked = await readBilledBooks(needs.db, { provider: needs.provider.name, numbers, ...window })
  const shown = await shownOn(needs.db, { from: addDays(day, -LOOK_BACK_DAYS), before: day })
  const transfers = (account ?? []).filter(({ type }) => type === 'transfer').map(({ outTradeNo }) => outTradeNo)
  const paidOut = await readBilledPayouts(needs.db, { numbers: transfers, ...window })
  const books: Books = {
    attempts: booked.attempts,
    expectedAttempts: new Set(
      booked.paidThen.map(({ attemptId }) => attemptId).filter((id) => !shown.attempts.has(id)),
    ),
    refunds: booked.refunds,
    expectedRefunds: new Set(
      booked.refundedThen.map(({ refundId }) => refundId).filter((id) => !shown.refunds.has(id)),
    ),
    unmatched: booked.unmatched,
    payouts: paidOut.payouts,
    expectedPayouts: account ? paidOut.endedThen : new Set(),
    ownPrefix: numberPrefix(needs.config.publicOrigin),
  }
  const compared = compareTrades(trades, books)
  if (!account) return compared
  const { fees } = compared
  const moved = compareAccount(account, { trades, fees, books, openingFen: files.openingFen })
  return {
    lines: compared.lines,
    differences: eachOnce(compared.differences, moved.differences),
    fees: moved.fees,
  }
}

/** What is wrong with one line is named once, by the name that says more. */
function eachOnce(ofTrades: readonly Difference[], ofAccount: readonly Difference[]): Difference[] {
  const named = new Set(ofTrades.map(({ lineNo }) => lineNo))
  const contradicted = new Set(
    ofAccount.filter(({ kind }) => kind === 'fee_contradicted').map(({ outTradeNo }) => outTradeNo),
  )
  return [
    ...ofTrades.filter(({ kind, outTradeNo }) => kind !== 'fee_differs' || !contradicted.has(outTradeNo)),
    ...ofAccount.filter(({ kind, lineNo }) => kind !== 'files_disagree' || !named.has(lineNo)),
  ]
}

export const readTradeLines = async (needs: BillNeeds, bill: Bill): Promise<TradeLine[]> =>
  (await listLines(needs.db, bill.id)).map((line) => ({
    no: line.no,
    type: line.type as TradeLine['type'],
    tradeNo: line.trade_no,
    outTradeNo: line.out_trade_no,
    requestNo: line.request_no,
    amountFen: line.amount_fen,
    feeFen: line.fee_fen,
    at: line.at,
  }))

export const readAccountLines = async (needs: BillNeeds, bill: Bill): Promise<AccountLine[]> =>
  (await listLines(needs.db, bill.id)).map((line: BillLine) => ({
    no: line.no,
    serial: line.serial ?? '',
    type: line.type as AccountLine['type'],
    about: line.trade_no,
    outTradeNo: line.out_trade_no,
    amountFen: line.amount_fen,
    balanceFen: line.balance_fen ?? 0,
    at: line.at,
    words: line.words ?? '',
  }))
