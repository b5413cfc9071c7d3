/**
 * The few words of ASN.1 DER (ITU-T X.690) that a certificate is written in. node:crypto reads certificates but cannot
 * issue them.
 */

function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag]), lengthBytes(body.length), body])
}

function lengthBytes(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return Buffer.from([0x80 | bytes.length, ...bytes])
}

export const sequence = (...parts: readonly Buffer[]) => tlv(0x30, ...parts)

/** One member only, as in every name written here; more would have to be sorted. */
export const setOf = (part: Buffer) => tlv(0x31, part)

/** From big-endian bytes without a sign; leading zeros are dropped and one is put back where the number would be negative. */
export function unsigned(bytes: Buffer): Buffer {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1
  const digits = bytes.subarray(start)
  return tlv(0x02, (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits)
}

export const boolean = (value: boolean) => tlv(0x01, Buffer.from([value ? 0xff : 0]))
export const nothing = () => tlv(0x05)
export const octets = (content: Buffer) => tlv(0x04, content)

/** Whole bytes; `unused` counts the low bits of the last one that do not belong. */
export const bits = (content: Buffer, unused = 0) => tlv(0x03, Buffer.from([unused]), content)

/** `1.2.840.113549.1.1.11` */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tlv(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(value: number): number[] {
  const bytes = [value % 128]
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(0x80 | (rest % 128))
  return bytes
}

export const utf8 = (text: string) => tlv(0x0c, Buffer.from(text, 'utf8'))
/** Letters, digits and a few signs: country codes must be written so. */
export const printable = (text: string) => tlv(0x13, Buffer.from(text, 'ascii'))

/** Seconds precision; years 1950 to 2049, as the form has two digits for them. */
export function utcTime(at: Date): Buffer {
  const digits = at.toISOString().replace(/\D/g, '').slice(2, 14)
  return tlv(0x17, Buffer.from(`${digits}Z`, 'ascii'))
}

/** `[n]` around a whole element. */
export const explicit = (tag: number, part: Buffer) => tlv(0xa0 | tag, part)
/** `[n]` in the place of the tag of plain content. */
export const implicit = (tag: number, content: Buffer) => tlv(0x80 | tag, content)
/** `[n]` in the place of the tag of a sequence. */
export const implicitSequence = (tag: number, ...parts: readonly Buffer[]) => tlv(0xa0 | tag, ...parts)
