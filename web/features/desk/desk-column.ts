import { instantText } from '../../text/dates.ts'
import { sayAtDesk as say } from '../../text/desk-say.ts'
import { yuan } from '../../text/money.ts'
import { csvInstant, csvYuan } from './csv-text.ts'

/**
 * A column of a list at the desk: what stands in it for people and in the file for spreadsheets. A column without
 * `cell`, `fen` or `at`, such as one of buttons, is not in the file.
 */
export interface DeskColumn<Row> {
  readonly words: string
  /** The name under which the server can order the list by it. */
  readonly sort?: string
  /** Stands at the right, as figures do; money always does. */
  readonly figure?: boolean
  readonly cell?: (row: Row) => string
  readonly fen?: (row: Row) => number
  /** An instant, null while it has not come. */
  readonly at?: (row: Row) => string | null
  /** What people read where it is something else than the file has. */
  readonly shown?: (row: Row) => string
  /** Where it leads; undefined for a row of which it is plain text. */
  readonly link?: (row: Row) => string | undefined
  readonly tone?: (row: Row) => 'trust' | 'warn' | 'danger' | 'plain'
  /** A second, quieter line, if there is anything to say. */
  readonly below?: (row: Row) => string | null
  /** How much room it takes: a sentence, a name, a long number, or what must not be broken. */
  readonly width?: 'words' | 'short' | 'number' | 'whole'
  /** The name of the slot `cell-…` that draws it, where all of this is not enough. */
  readonly own?: string
}

export const isFigure = ({ figure, fen }: DeskColumn<never>): boolean => figure === true || fen !== undefined

/** What people read of an instant; nothing while it has not come. */
export const atText = (instant: string | null): string => (instant === null ? '' : instantText(say, new Date(instant)))

export function shownText<Row>({ shown, cell, fen, at }: DeskColumn<Row>, row: Row): string {
  if (shown) return shown(row)
  if (fen) return yuan(fen(row))
  return at ? atText(at(row)) : (cell?.(row) ?? '')
}

export const isInFile = ({ cell, fen, at }: DeskColumn<never>): boolean => Boolean(cell ?? fen ?? at)

export function fileText<Row>({ cell, fen, at }: DeskColumn<Row>, row: Row): string {
  if (fen) return csvYuan(fen(row))
  return at ? csvInstant(at(row)) : (cell?.(row) ?? '')
}
