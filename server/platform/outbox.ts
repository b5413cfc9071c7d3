import type { Tx } from './db.ts'

export interface Message {
  readonly topic: string
  /** One message per effect: a second one under the same key is the same message. */
  readonly dedupeKey: string
  readonly orderId?: number
  readonly payload: Readonly<Record<string, unknown>>
  readonly createdAt: Date
  /** Not delivered before this instant. */
  readonly dueAt: Date
}

/** Puts a message into the outbox, in the transaction that makes it true. Asking twice leaves one. */
export async function putMessage(tx: Tx, message: Message): Promise<void> {
  await tx
    .insertInto('outbox')
    .values({
      topic: message.topic,
      dedupe_key: message.dedupeKey,
      order_id: message.orderId ?? null,
      payload: JSON.stringify(message.payload),
      created_at: message.createdAt,
      due_at: message.dueAt,
    })
    .onConflict((conflict) => conflict.column('dedupe_key').doNothing())
    .execute()
}
