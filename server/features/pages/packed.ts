import { promisify } from 'node:util'
import zlib from 'node:zlib'

const brotli = promisify(zlib.brotliCompress)
const gzip = promisify(zlib.gzip)

export type Packing = 'br' | 'gzip' | 'identity'

/** The best packing that both sides know. */
export function packingFor(accepted: string | string[] | undefined): Packing {
  const names = String(accepted ?? '')
  if (/\bbr\b/.test(names)) return 'br'
  return /\bgzip\b/.test(names) ? 'gzip' : 'identity'
}

/** Smaller than this a body fits into one packet as it is. */
const WORTH_BYTES = 1_000

/** One body in every packing that was asked for so far. `effort` is high for what is packed once and sent often. */
export interface Packed {
  readonly body: Buffer
  as(packing: Packing): Buffer | Promise<Buffer>
}

export function packed(body: Buffer, effort: 'once' | 'often'): Packed {
  const ready = new Map<Packing, Buffer>()
  async function pack(packing: Exclude<Packing, 'identity'>): Promise<Buffer> {
    const done =
      packing === 'br'
        ? await brotli(body, {
            params: {
              [zlib.constants.BROTLI_PARAM_QUALITY]: effort === 'often' ? 10 : 4,
              [zlib.constants.BROTLI_PARAM_SIZE_HINT]: body.length,
            },
          })
        : await gzip(body, { level: effort === 'often' ? 9 : 5 })
    ready.set(packing, done)
    return done
  }
  return {
    body,
    as(packing) {
      if (packing === 'identity' || body.length < WORTH_BYTES) return body
      return ready.get(packing) ?? pack(packing)
    },
  }
}

/** Whether a body of this size is sent packed at all. */
export const isPacked = ({ body }: Packed, packing: Packing): boolean =>
  packing !== 'identity' && body.length >= WORTH_BYTES
