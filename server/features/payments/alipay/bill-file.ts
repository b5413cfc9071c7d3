import { type UnzipFileInfo, unzipSync } from 'fflate'

/** A year's busiest day of a large shop is far below; what is above is not unpacked. */
const MOST_FILES = 8
const MOST_BYTES = 128 * 1_048_576
/** Text packs ten to thirty times; a file of one byte repeated packs a thousand times. */
const MOST_RATIO = 200

/** A file that is no bill, with a reason that says what about it. */
export class BadBill extends Error {
  override readonly name = 'BadBill'
}

const isOneByteEach = (name: string): boolean => [...name].every((character) => character <= '\u00ff')

/**
 * The name of a ZIP entry. Without the flag for UTF-8 its bytes are GBK, and the unzipper gives them one character a
 * byte.
 */
const nameOf = (name: string): string =>
  isOneByteEach(name) ? new TextDecoder('gbk').decode(Buffer.from(name, 'latin1')) : name

/** Unpacks the one CSV whose name ends so, as GBK. Throws {@link BadBill} for anything else, before unpacking it. */
export function unpackCsv(zip: Uint8Array, ending: string): string {
  let files = 0
  let bytes = 0
  const choose = ({ name, size, originalSize }: UnzipFileInfo): boolean => {
    files += 1
    if (files > MOST_FILES) throw new BadBill('zip_too_many_files')
    if (!nameOf(name).endsWith(ending)) return false
    bytes += originalSize
    if (bytes > MOST_BYTES || originalSize > size * MOST_RATIO + 4_096) throw new BadBill('zip_too_large')
    return true
  }
  const unpacked = Object.values(unzipped(zip, choose))
  const [only] = unpacked
  if (!only || unpacked.length > 1) throw new BadBill(only ? 'zip_two_details' : 'zip_no_detail')
  try {
    return new TextDecoder('gbk', { fatal: true }).decode(only)
  } catch {
    throw new BadBill('csv_not_gbk')
  }
}

function unzipped(zip: Uint8Array, filter: (file: UnzipFileInfo) => boolean): Record<string, Uint8Array> {
  try {
    return unzipSync(zip, { filter })
  } catch (error) {
    if (error instanceof BadBill) throw error
    throw new BadBill('zip_unreadable')
  }
}

export interface BillTable {
  /** The cell under this name of the header; throws {@link BadBill} when there is no such column. */
  readonly cell: (row: readonly string[], column: string) => string
  readonly rows: readonly (readonly string[])[]
  /** The lines that begin with `#`, without the sign. */
  readonly notes: readonly string[]
}

/** Reads a bill by the names of its columns, with either line ending; a row with too many or too few cells spoils it. */
export function readTable(text: string): BillTable {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const table = lines.filter((line) => !line.startsWith('#')).map((line) => line.split(',').map((one) => one.trim()))
  const [header, ...rows] = table
  if (!header) throw new BadBill('csv_no_header')
  const broken = rows.findIndex((row) => row.length !== header.length)
  if (broken >= 0) throw new BadBill(`csv_row_${broken + 1}_cells`)
  const places = new Map(header.map((name, place) => [name, place]))
  return {
    rows,
    notes: lines.filter((line) => line.startsWith('#')).map((line) => line.slice(1)),
    cell(row, column) {
      const place = places.get(column)
      const value = place === undefined ? undefined : row[place]
      if (value === undefined) throw new BadBill(`csv_no_column_${column}`)
      return value
    },
  }
}
