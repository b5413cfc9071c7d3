import type { Engine } from '../engine/engine.ts'
import { type AccountTotal, sumUpAccount } from './account-files.ts'
import { type BillName, type BillType, billZip, rowsOf, zipName } from './bill.ts'
import type { AccountLine, TradeLine } from './bill-lines.ts'
import { readyAt } from './period.ts'
import { sumUp, type TradeTotal } from './trade-files.ts'

export interface BillWish {
  /** `yyyy-MM-dd` or `yyyy-MM`, Beijing time. */
  readonly date: string
  /** Default `trade`. */
  readonly type?: BillType
  /** Default: the seller of the first app. */
  readonly sellerId?: string
  /** At most so many lines in the view; 100 by default. */
  readonly limit?: number
}

/** A bill for people and tests. Amounts are integer fen with the sign that they have on the account. */
export interface BillView {
  readonly date: string
  readonly type: BillType
  readonly sellerId: string
  readonly fileName: string
  readonly from: Date
  readonly to: Date
  /** From when on a merchant can fetch it, faults aside. */
  readonly readyAt: Date
  readonly ready: boolean
  readonly rows: number
  readonly totals: TradeTotal | AccountTotal
  /** The first ones. */
  readonly lines: readonly (BillLineView<TradeLine> | BillLineView<AccountLine>)[]
}

type BillLineView<Line> = { readonly [K in keyof Line]: K extends 'at' | 'createdAt' | 'doneAt' ? Date : Line[K] }

/** The bill as the double entry has it now, also before it is ready; faults in wait are left alone. */
export function viewBill(engine: Engine, bill: BillName, limit: number): BillView {
  const now = engine.settledNow()
  const ready = readyAt(bill.period, engine.state.settings)
  const rows = rowsOf(engine, bill)
  const lines =
    rows.type === 'trade'
      ? rows.lines
          .slice(0, limit)
          .map((line) => ({ ...line, createdAt: new Date(line.createdAt), doneAt: new Date(line.doneAt) }))
      : rows.lines.slice(0, limit).map((line) => ({ ...line, at: new Date(line.at) }))
  return {
    date: bill.period.text,
    type: bill.type,
    sellerId: bill.sellerId,
    fileName: zipName(bill),
    from: new Date(bill.period.from),
    to: new Date(bill.period.to),
    readyAt: new Date(ready),
    ready: now >= ready,
    rows: rows.lines.length,
    totals: rows.type === 'trade' ? sumUp(rows.lines) : sumUpAccount(rows.lines),
    lines,
  }
}

/** The same as the ZIP that a merchant gets. */
export async function billFile(engine: Engine, bill: BillName): Promise<{ name: string; bytes: Buffer }> {
  engine.settledNow()
  return { name: zipName(bill), bytes: await billZip(engine, bill, rowsOf(engine, bill)) }
}
