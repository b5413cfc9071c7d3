import type { DeskMessage, DeskMessageQuery, DeskMessages } from '@ihome/contract/schemas/operator-desk-today'
import { LETTER } from '../../platform/deliver-outbox.ts'
import type { Deps } from '../../platform/deps.ts'
import { deskSpan } from '../../platform/desk-page.ts'
import { Refusal } from '../../platform/refusal.ts'
import { type DeskWish, reasonOf } from '../operators/reason.ts'
import { recordAction } from '../operators/record-action.ts'
import { listMessages, MESSAGE_KEYS, wakeMessage } from './outbox-store.ts'

type Row = Awaited<ReturnType<typeof listMessages>>['rows'][number]

const viewOf = ({ id, created_at, due_at, sent_at, dead_at, ...row }: Row): DeskMessage => ({
  ...row,
  message_id: id,
  state: sent_at !== null ? 'sent' : dead_at === null ? 'waiting' : 'dead',
  created_at: created_at.toISOString(),
  due_at: due_at.toISOString(),
  sent_at: sent_at?.toISOString() ?? null,
  dead_at: dead_at?.toISOString() ?? null,
  may_retry: dead_at !== null && row.topic !== LETTER,
})

/** What waits to be sent, was sent, or was given up; neither words nor phones. */
export async function listMessagesForDesk({ db }: Pick<Deps, 'db'>, filter: DeskMessageQuery): Promise<DeskMessages> {
  const list = await listMessages(db, filter, deskSpan(filter, MESSAGE_KEYS))
  return { ...list, rows: list.rows.map(viewOf) }
}

/** Sends a dead letter again, from its first try. Says no with `step_refused` when it is not dead or cannot be sent. */
export function retryMessage(
  { transact, clock }: Pick<Deps, 'transact' | 'clock'>,
  wish: DeskWish & { readonly messageId: number },
): Promise<void> {
  const reason = reasonOf(wish.reason)
  const at = clock.now()
  return transact(async (tx) => {
    if (!(await wakeMessage(tx, wish.messageId, at))) throw new Refusal('step_refused')
    const { operatorId, messageId } = wish
    await recordAction(tx, { operatorId, at, kind: 'message_retried', subject: `message:${messageId}`, reason })
  })
}
