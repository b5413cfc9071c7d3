import { inflateRawSync, crc32 as zlibCrc32 } from 'node:zlib'

/** A merchant's reader of bills that shares no code with the sandbox: ZIP from the front, GBK, columns by name. */

const gbk = new TextDecoder('gbk', { fatal: true })

export interface UnzippedFile {
  readonly name: string
  readonly rawName: Buffer
  readonly flags: number
  readonly method: number
  readonly bytes: Buffer
}

/** Reads local headers one after the other, so that sizes must stand in them; then compares the central directory. */
export function unzip(zip: Buffer): UnzippedFile[] {
  const files: UnzippedFile[] = []
  let at = 0
  while (zip.readUInt32LE(at) === 0x04034b50) {
    const [flags, method, crc] = [zip.readUInt16LE(at + 6), zip.readUInt16LE(at + 8), zip.readUInt32LE(at + 14)]
    const [packed, size] = [zip.readUInt32LE(at + 18), zip.readUInt32LE(at + 22)]
    const [nameLength, extraLength] = [zip.readUInt16LE(at + 26), zip.readUInt16LE(at + 28)]
    const rawName = zip.subarray(at + 30, at + 30 + nameLength)
    const start = at + 30 + nameLength + extraLength
    const bytes = inflateRawSync(zip.subarray(start, start + packed))
    if (bytes.length !== size) throw new Error('the size in the local header is wrong')
    if (crcOf(bytes) !== crc) throw new Error('the checksum is wrong')
    files.push({ name: gbk.decode(rawName), rawName, flags, method, bytes })
    at = start + packed
  }
  const directory = at
  let entries = 0
  for (; zip.readUInt32LE(at) === 0x02014b50; entries += 1) {
    const [nameLength, extraLength, remarkLength] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset))
    const name = zip.subarray(at + 46, at + 46 + (nameLength ?? 0))
    if (!files[entries]?.rawName.equals(name)) throw new Error('the directory names another file')
    if (zip.readUInt32LE(zip.readUInt32LE(at + 42)) !== 0x04034b50) throw new Error('the directory points elsewhere')
    at += 46 + (nameLength ?? 0) + (extraLength ?? 0) + (remarkLength ?? 0)
  }
  const end = [zip.readUInt32LE(at), zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 12), zip.readUInt32LE(at + 16)]
  if (`${end}` !== `${[0x06054b50, files.length, at - directory, directory]}` || at + 22 !== zip.length) {
    throw new Error('the end record is wrong')
  }
  return files
}

function crcOf(bytes: Buffer): number {
  if (typeof zlibCrc32 === 'function') return zlibCrc32(bytes)
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return ~crc >>> 0
}

export interface ReadBill {
  /** Each row by the names of its columns. */
  readonly rows: readonly Readonly<Record<string, string>>[]
  readonly columns: readonly string[]
  /** `#` lines after the rows, without the mark. */
  readonly footer: readonly string[]
  readonly text: string
}

/** Reads one CSV by its header, either line ending; refuses a row whose cells do not match the header. */
export function readCsv(bytes: Buffer): ReadBill {
  const text = gbk.decode(bytes)
  const lines = text.split(/\r?\n/)
  if (lines.pop() !== '') throw new Error('the last line does not end')
  const table = lines.filter((line) => !line.startsWith('#')).map((line) => line.split(',').map((one) => one.trim()))
  const [columns = [], ...cells] = table
  const rows = cells.map((row) => {
    if (row.length !== columns.length) throw new Error(`${row.length} cells under ${columns.length} names`)
    return Object.fromEntries(columns.map((name, index) => [name, row[index] ?? '']))
  })
  const lastRow = lines.findLastIndex((line) => !line.startsWith('#'))
  return { rows, columns, footer: lines.slice(lastRow + 1).map((line) => line.slice(1)), text }
}

/** Fen of a column over all rows. */
export const sumOf = (rows: ReadBill['rows'], column: string) =>
  rows.reduce((sum, row) => sum + fenOf(row[column] ?? ''), 0)

/** Fen of an amount such as `-24.67`. */
export function fenOf(yuan: string): number {
  const match = /^(-?)(\d+)\.(\d\d)$/.exec(yuan)
  if (!match) throw new Error(`not an amount: ${yuan}`)
  const fen = Number(match[2]) * 100 + Number(match[3])
  return match[1] === '-' && fen > 0 ? -fen : fen
}
