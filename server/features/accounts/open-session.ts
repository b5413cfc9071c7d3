import type { Tx } from '../../platform/db.ts'
import { newSessionOf, type RequestSession, type SessionDeps } from './session-hooks.ts'
import { endSession, insertSession } from './store.ts'
import { digestOf, newSessionId } from './tokens.ts'

/** A new session of the person; the one that the browser came with is over everywhere. Answers the new id. */
export async function openSession(
  tx: Tx,
  deps: SessionDeps,
  userId: number,
  before: RequestSession | undefined,
): Promise<string> {
  const now = deps.clock.now()
  const id = newSessionId('s', deps.random, now)
  if (before?.kind === 's') await endSession(tx, digestOf(before.id), 'rotated', now)
  await insertSession(tx, newSessionOf(deps, id, userId))
  return id
}
