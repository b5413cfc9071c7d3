import { formatBeijing } from '../engine/beijing.ts'
import type { Engine } from '../engine/engine.ts'
import { accountFiles } from './account-files.ts'
import { type BillFile, type BillHead, fileBytes, fileStem } from './bill-file.ts'
import { type AccountLine, accountLines, movementsOf, type TradeLine, tradeLines } from './bill-lines.ts'
import { type Period, readyAt } from './period.ts'
import { spoilLines } from './spoil-lines.ts'
import { tradeFiles } from './trade-files.ts'
import { zip } from './zip.ts'

export const BILL_TYPES = ['trade', 'signcustomer'] as const
export type BillType = (typeof BILL_TYPES)[number]

/** Names one bill: of whom, of what kind, of when. */
export interface BillName {
  readonly sellerId: string
  readonly type: BillType
  readonly period: Period
}

/** `<pid>0156_<yyyyMMdd>.csv.zip` */
export const zipName = ({ sellerId, period }: BillName) => `${fileStem({ sellerId, period, exportedAt: 0 })}.csv.zip`

/** Whether the bill has any row. */
export function hasRows(engine: Engine, { sellerId, type, period }: BillName): boolean {
  if (engine.state.settings.official_sandbox_limits) return false
  const movements = movementsOf(engine.state, sellerId, period)
  if (type === 'signcustomer') return movements.length > 0
  return movements.some(
    ({ kind, from, to }) => (kind === 'payment' && to === sellerId) || (kind === 'refund' && from === sellerId),
  )
}

/** The rows as the double entry has them; none under the limits of the official sandbox, whose bills are templates. */
export function rowsOf(engine: Engine, { sellerId, type, period }: BillName): Rows {
  const { state } = engine
  if (state.settings.official_sandbox_limits) return { type, lines: [] }
  if (type === 'trade') return { type, lines: tradeLines(state, sellerId, period) }
  return { type, lines: accountLines(state, sellerId, period) }
}

export type Rows =
  | { readonly type: 'trade'; readonly lines: readonly TradeLine[] }
  | { readonly type: 'signcustomer'; readonly lines: readonly AccountLine[] }

/** The same rows after the faults in wait have struck. */
export function spoiltRows(engine: Engine, rows: Rows): Rows {
  if (rows.type === 'trade') {
    const lines = spoilLines(engine, rows.lines, {
      changedFee: (line) => ({ ...line, feeFen: line.feeFen - 1 }),
      foreign: (line) => ({ ...line, tradeNo: foreignNo(line.tradeNo), outTradeNo: FOREIGN_ORDER }),
    })
    return { type: 'trade', lines }
  }
  const lines = spoilLines(engine, rows.lines, {
    changedFee: (line) => (line.kind === 'fee' ? { ...line, amountFen: line.amountFen - 1 } : undefined),
    foreign: (line) => ({
      ...line,
      no: line.no + 500_000_000,
      about: foreignNo(line.about),
      outTradeNo: FOREIGN_ORDER,
    }),
  })
  return { type: 'signcustomer', lines }
}

const FOREIGN_ORDER = 'other_merchant_1'
const foreignNo = (tradeNo: string) => `${tradeNo.slice(0, 13)}${'9'.repeat(15)}`

/** The ZIP of a bill. A bill that is ready says that it was exported when it became so, however often it is fetched. */
export async function billZip(engine: Engine, name: BillName, rows: Rows): Promise<Buffer> {
  const { settings } = engine.state
  const exportedAt = Math.min(engine.clock.nowMs(), readyAt(name.period, settings))
  const files = filesOf(engine, { sellerId: name.sellerId, period: name.period, exportedAt }, rows)
  const entries = []
  for (const file of files) entries.push({ name: file.name, bytes: await fileBytes(file, settings.bill_newline) })
  return zip(entries, formatBeijing(new Date(exportedAt)))
}

function filesOf(engine: Engine, head: BillHead, rows: Rows): BillFile[] {
  const { settings } = engine.state
  return rows.type === 'trade' ? tradeFiles(head, rows.lines, settings) : accountFiles(head, rows.lines, settings)
}
