import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Instant } from '../engine/model.ts'
import type { Settings } from '../settings.ts'
import { encodeGbk } from '../wire/gbk.ts'
import { chineseTime, compactPeriod, type Period } from './period.ts'

/** What every file of one bill says about itself. */
export interface BillHead {
  /** The seller's id; the account that the files name is this one and `0156`. */
  readonly sellerId: string
  readonly period: Period
  readonly exportedAt: Instant
}

/** A text file of a bill, line by line, without line ends. */
export interface BillFile {
  readonly name: string
  readonly lines: Iterable<string>
}

/** Which of the real gateway's unconfirmed spellings the files take. */
export type BillStyle = Pick<Settings, 'bill_newline' | 'bill_columns' | 'fee_sign'>

const accountNumber = ({ sellerId }: BillHead) => `${sellerId}0156`

/** `<pid>0156_<yyyyMMdd>`: how the names of the ZIP and of the files in it begin. */
export const fileStem = (head: BillHead) => `${accountNumber(head)}_${compactPeriod(head.period)}`

/** The lines before the first row, `#` lines and header. `list` is the name between the dashes. */
export function openingLines(head: BillHead, title: string, list: string, columns: readonly string[]): string[] {
  const { from, to } = head.period
  return [
    `#${title}`,
    `#账号：[${accountNumber(head)}]`,
    `#起始日期：[${chineseTime(from)}]   终止日期：[${chineseTime(to)}]`,
    `#${'-'.repeat(41)}${list}${'-'.repeat(40)}`,
    columns.join(','),
  ]
}

/** The lines after the last row. */
export function closingLines(head: BillHead, list: string, totals: readonly string[] = []): string[] {
  return [
    `#${'-'.repeat(41)}${list}结束${'-'.repeat(36)}`,
    ...totals.map((total) => `#${total}`),
    `#导出时间：[${chineseTime(head.exportedAt)}]`,
  ]
}

/** A text as a cell: no quoting is known in these files, so what would break a row becomes a space. */
export const cell = (text: string) => text.replace(/[,\r\n\t]/g, ' ')

const LINES_AT_ONCE = 2000

/** The bytes of a file. Others get their turn between its parts: a bill of 100,000 trades is no reason to stand still. */
export async function fileBytes(file: BillFile, newline: BillStyle['bill_newline']): Promise<Buffer> {
  const end = newline === 'CRLF' ? '\r\n' : '\n'
  const parts: Buffer[] = []
  let waiting: string[] = []
  for (const line of file.lines) {
    waiting.push(line, end)
    if (waiting.length < LINES_AT_ONCE * 2) continue
    parts.push(encodeGbk(waiting.join('')))
    waiting = []
    await nextTurn()
  }
  parts.push(encodeGbk(waiting.join('')))
  return Buffer.concat(parts)
}
