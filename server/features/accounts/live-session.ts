import type { Deps } from '../../platform/deps.ts'
import type { RequestSession } from './session-hooks.ts'
import { findLiveSession } from './store.ts'
import { digestOf } from './tokens.ts'

/** Whether the session of a request that goes on for minutes is still one of a person. */
export const isStillLive = async (
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  session: RequestSession | undefined,
): Promise<boolean> =>
  session !== undefined && (await findLiveSession(db, digestOf(session.id), clock.now())) !== undefined
