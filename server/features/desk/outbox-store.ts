import type { DeskMessageQuery } from '@ihome/contract/schemas/operator-desk-today'
import type { Db, Tx } from '../../platform/db.ts'
import { LETTER } from '../../platform/deliver-outbox.ts'
import { anywhere, countRows, type DeskSpan, readDeskPage } from '../../platform/desk-page.ts'

/** Digits are a message's number or its order's; anything else is a part of the key. */
const matching = (db: Db, { q, state }: DeskMessageQuery) =>
  db
    .selectFrom('outbox as m')
    .$if(q !== undefined && /^\d{1,15}$/.test(q), (query) =>
      query.where((where) => where.or([where('m.id', '=', Number(q)), where('m.order_id', '=', Number(q))])),
    )
    .$if(q !== undefined && q !== '' && !/^\d{1,15}$/.test(q), (query) =>
      query.where((where) =>
        where.or([where('m.topic', '=', q ?? ''), where('m.dedupe_key', 'like', anywhere(q ?? ''))]),
      ),
    )
    .$if(state === 'sent', (query) => query.where('m.sent_at', 'is not', null))
    .$if(state === 'dead', (query) => query.where('m.dead_at', 'is not', null))
    .$if(state === 'waiting', (query) => query.where('m.sent_at', 'is', null).where('m.dead_at', 'is', null))

export const countMessages = (db: Db, filter: DeskMessageQuery): Promise<number> => countRows(matching(db, filter))

/** What the list can be ordered by; the first stands when nothing is asked. */
export const MESSAGE_KEYS = ['created', 'due', 'tries', 'topic'] as const
const MESSAGE_COLUMNS = { created: 'm.id', due: 'm.due_at', tries: 'm.tries', topic: 'm.topic' } as const

export const listMessages = (db: Db, filter: DeskMessageQuery, span: DeskSpan<(typeof MESSAGE_KEYS)[number]>) =>
  readDeskPage(
    matching(db, filter).select([
      'm.id',
      'm.topic',
      'm.dedupe_key',
      'm.order_id',
      'm.tries',
      'm.error',
      'm.created_at',
      'm.due_at',
      'm.sent_at',
      'm.dead_at',
    ]),
    MESSAGE_COLUMNS,
    'm.id',
    span,
  )

/** Wakes a dead letter; false when it is not dead, or its words are gone. */
export async function wakeMessage(tx: Tx, id: number, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('outbox')
    .set({ dead_at: null, due_at: now, tries: 0, error: null })
    .where('id', '=', id)
    .where('dead_at', 'is not', null)
    .where('topic', '<>', LETTER)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}
