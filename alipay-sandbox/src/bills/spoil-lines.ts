import type { Engine } from '../engine/engine.ts'
import type { FaultKind } from '../engine/fault-kinds.ts'
import { takeFault } from '../engine/faults.ts'

/** What the faults of bills need to know of a row. */
interface Spoilable {
  readonly outTradeNo: string
  readonly amountFen: number
}

/** How one kind of row is spoilt. */
export interface Spoiling<Line> {
  /** Nothing where the row has no fee. */
  changedFee(line: Line): Line | undefined
  foreign(line: Line): Line
}

/**
 * Lets the faults in wait strike the rows of a bill, one fault a row at most. The sums of the file follow the spoilt
 * rows, so that only a comparison with one's own books finds them out.
 */
export function spoilLines<Line extends Spoilable>(
  engine: Engine,
  lines: readonly Line[],
  spoiling: Spoiling<Line>,
): readonly Line[] {
  const waiting = [...engine.state.faults.values()].some(({ kind }) => LINE_FAULTS.has(kind))
  if (!waiting) return lines
  return lines.flatMap((line) => {
    const occasion = { where: 'bill', outTradeNo: line.outTradeNo } as const
    const changedFee = spoiling.changedFee(line)
    const applies = (kind: FaultKind) =>
      LINE_FAULTS.has(kind) && (kind !== 'bill_fee_changed' || changedFee !== undefined)
    switch (takeFault(engine, occasion, applies)?.kind) {
      case 'bill_line_missing':
        return []
      case 'bill_line_twice':
        return [line, line]
      case 'bill_foreign_line':
        return [line, spoiling.foreign(line)]
      case 'bill_amount_changed':
        return [{ ...line, amountFen: line.amountFen + 1 }]
      case 'bill_fee_changed':
        return changedFee ? [changedFee] : [line]
      default:
        return [line]
    }
  })
}

const LINE_FAULTS: ReadonlySet<FaultKind> = new Set([
  'bill_line_missing',
  'bill_line_twice',
  'bill_foreign_line',
  'bill_amount_changed',
  'bill_fee_changed',
])
