import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { encodeGbk } from '../wire/gbk.ts'

export interface ZipEntry {
  readonly name: string
  readonly bytes: Buffer
}

const deflate = promisify(zlib.deflateRaw)

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
/** 2.0, the version that reads deflate. */
const VERSION = 20
const DEFLATE = 8

/**
 * A ZIP as Alipay's bill centre writes it: names are GBK bytes without the UTF-8 flag, contents are deflated, and the
 * local headers already hold checksum and sizes, so that a reader may go from front to back. `modified` is Beijing time
 * as `yyyy-MM-dd HH:mm:ss`. Format: PKWARE APPNOTE 4.3.
 */
export async function zip(entries: readonly ZipEntry[], modified: string): Promise<Buffer> {
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const name = encodeGbk(entry.name)
    const packed = await deflate(entry.bytes)
    const common = commonHeader({ name, packed, bytes: entry.bytes, modified })
    const local = Buffer.concat([uint32(LOCAL), common, name, packed])
    directory.push(centralHeader(common, name, offset))
    files.push(local)
    offset += local.length
  }
  const central = Buffer.concat(directory)
  return Buffer.concat([...files, central, endRecord(entries.length, central.length, offset)])
}

interface Packed {
  readonly name: Buffer
  readonly packed: Buffer
  readonly bytes: Buffer
  readonly modified: string
}

/** The fields that stand alike in both headers: version needed, flags, method, time, checksum, sizes, name length. */
function commonHeader({ name, packed, bytes, modified }: Packed): Buffer {
  const header = Buffer.alloc(26)
  const [date, time] = dosTime(modified)
  header.writeUInt16LE(VERSION, 0)
  header.writeUInt16LE(0, 2)
  header.writeUInt16LE(DEFLATE, 4)
  header.writeUInt16LE(time, 6)
  header.writeUInt16LE(date, 8)
  header.writeUInt32LE(crc32(bytes), 10)
  header.writeUInt32LE(packed.length, 14)
  header.writeUInt32LE(bytes.length, 18)
  header.writeUInt16LE(name.length, 22)
  return header
}

function centralHeader(common: Buffer, name: Buffer, offset: number): Buffer {
  const rest = Buffer.alloc(14)
  rest.writeUInt32LE(offset, 10)
  const madeBy = Buffer.alloc(2)
  madeBy.writeUInt16LE(VERSION)
  return Buffer.concat([uint32(CENTRAL), madeBy, common, rest, name])
}

function endRecord(count: number, size: number, offset: number): Buffer {
  const end = Buffer.alloc(22)
  end.writeUInt32LE(END, 0)
  end.writeUInt16LE(count, 8)
  end.writeUInt16LE(count, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(offset, 16)
  return end
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** Years since 1980, month, day; hours, minutes, two-second steps. */
function dosTime(modified: string): readonly [date: number, time: number] {
  const [year = 1980, month = 1, day = 1, hour = 0, minute = 0, second = 0] = modified.split(/\D/).map(Number)
  return [((year - 1980) << 9) | (month << 5) | day, (hour << 11) | (minute << 5) | (second >> 1)]
}

let crcTable: Uint32Array | undefined

// zlib has one since Node 20.15, and this runs on any 20.
function crc32(bytes: Buffer): number {
  if (typeof zlib.crc32 === 'function') return zlib.crc32(bytes)
  return ownCrc32(bytes)
}

export function ownCrc32(bytes: Buffer): number {
  crcTable ??= Uint32Array.from({ length: 256 }, (_, index) => {
    let value = index
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
    return value
  })
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ (crcTable[(crc ^ byte) & 0xff] ?? 0)
  return (crc ^ 0xffffffff) >>> 0
}
