import type { Charset } from './form-pairs.ts'

/**
 * The text fields of a multipart/form-data body. File parts are dropped, because they are not part of the signed
 * string. Damaged parts are skipped: the signature then fails, which says more than a parse error.
 */
export function parseMultipart(body: Buffer, boundary: string, charset: Charset): (readonly [string, string])[] {
  // latin1 keeps every byte, so positions in the text are positions in the buffer.
  const text = body.toString('latin1')
  const fields: (readonly [string, string])[] = []
  for (const part of text.split(`--${boundary}`).slice(1)) {
    if (part.startsWith('--')) break
    const blank = part.indexOf('\r\n\r\n')
    if (blank < 0) continue
    const head = Buffer.from(part.slice(0, blank), 'latin1').toString('utf8')
    const name = /content-disposition:[^\r\n]*[; ]name="([^"]*)"/i.exec(head)?.[1]
    if (name === undefined || /content-disposition:[^\r\n]*[; ]filename\*?=/i.test(head)) continue
    const value = part.slice(blank + 4).replace(/\r\n$/, '')
    fields.push([name, new TextDecoder(charset, { ignoreBOM: true }).decode(Buffer.from(value, 'latin1'))])
  }
  return fields
}
