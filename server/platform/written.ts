import type { FastifyReply } from 'fastify'
import type { TSchema } from 'typebox'

/** Data of an answer that stands ready as JSON. The envelope goes around it as it is. */
export class Written {
  readonly json: Buffer

  constructor(json: Buffer) {
    this.json = json
  }
}

/**
 * For answers whose data depends on one kept object alone, such as one from the read cache: its JSON is written once,
 * by the schema as always, and lasts as long as that object. What this gives is typed as the data that it stands for.
 */
export function writtenOnce<Kept extends object, Data extends object>(
  schema: TSchema,
  dataOf: (kept: Kept) => Data,
): (reply: FastifyReply, kept: Kept) => Data {
  const ready = new WeakMap<Kept, Written>()
  return (reply, kept) => {
    let written = ready.get(kept)
    if (!written) {
      const write = reply.compileSerializationSchema(schema as unknown as Record<string, unknown>)
      written = new Written(Buffer.from(write(dataOf(kept) as Record<string, unknown>)))
      ready.set(kept, written)
    }
    return written as Data
  }
}
