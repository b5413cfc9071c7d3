/** A spreadsheet takes what begins with one of these signs for a formula, whoever wrote it; a plain number is none. */
const FORMULA = /^[=+\-@\t\r]/
const NUMBER = /^-?\d+(\.\d+)?$/

function cellOf(text: string): string {
  const plain = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}

/** A table as a file that spreadsheets open: UTF-8 with its mark, lines as RFC 4180 wants them. */
export const csvText = (lines: readonly (readonly string[])[]): string =>
  `\uFEFF${lines.map((cells) => `${cells.map(cellOf).join(',')}\r\n`).join('')}`

/** Fen as a spreadsheet reads them: yuan with two digits and no signs of thousands. */
export function csvYuan(fen: number): string {
  const digits = String(Math.abs(fen)).padStart(3, '0')
  return `${fen < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

const SHANGHAI_MS = 8 * 3_600_000

/** An instant as spreadsheets read it, on the clocks of Shanghai; nothing for none. */
export const csvInstant = (instant: string | null): string =>
  instant === null ? '' : new Date(Date.parse(instant) + SHANGHAI_MS).toISOString().slice(0, 19).replace('T', ' ')
