import { deviceName } from '@ihome/core/identity/device-name'
import type { Tx } from '../../platform/db.ts'
import { newSessionOf, type RequestSession, type SessionDeps } from './session-hooks.ts'
import { endSession, insertSession } from './store.ts'
import { digestOf, newSessionId } from './tokens.ts'

/** Where a request came from: the session its browser had so far, and what that browser calls itself. */
export interface Entrance {
  readonly session: RequestSession | undefined
  readonly userAgent: string | undefined
}

/**
 * A new session of the person; the one that the browser came with is over everywhere. `stepUp` marks it as one whose
 * owner was just recognised a second time. Answers the new id.
 */
export async function openSession(
  tx: Tx,
  deps: SessionDeps,
  userId: number,
  { session: before, userAgent }: Entrance,
  stepUp = false,
): Promise<string> {
  const now = deps.clock.now()
  const id = newSessionId('s', deps.random, now)
  if (before?.kind === 's') await endSession(tx, digestOf(before.id), 'rotated', now)
  const device = deviceName(userAgent ?? '')
  await insertSession(tx, { ...newSessionOf(deps, id, userId), device, stepUpAt: stepUp ? now : undefined })
  return id
}
