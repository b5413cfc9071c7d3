import type { Tx } from '../../platform/db.ts'
import type { Due } from '../../platform/deliver-outbox.ts'

/** What is done needs no number and no code any more, sealed or not. */
export async function emptyLetter(tx: Tx, { id, payload }: Due): Promise<void> {
  await tx
    .updateTable('outbox')
    .set({ payload: JSON.stringify({ key: payload.key }) })
    .where('id', '=', id)
    .execute()
}
