import { createHash } from 'node:crypto'
import type { Deps } from '../../platform/deps.ts'
import { countTry, forgetTries } from '../../platform/rate-limits.ts'
import { Refusal } from '../../platform/refusal.ts'
import { passwordFits } from './passwords.ts'
import { newSessionOf, type RequestSession } from './session-hooks.ts'
import { endSession, findUserByPhone, insertSession } from './store.ts'
import { digestOf, newSessionId } from './tokens.ts'

export interface SignInWish {
  readonly phone: string
  readonly password: string
  /** The caller's address as far as it can be believed. */
  readonly address: string
  readonly session: RequestSession | undefined
}

/**
 * Opens a new session for the person; the one the browser came with ends. Every try is counted before the password is
 * looked at, so parallel guesses get no more looks than one after the other. Says no with `login_locked` and
 * `login_failed`, the same for an unknown phone and for a wrong password.
 */
export async function signIn(deps: Deps, wish: SignInWish): Promise<{ sessionId: string; name: string }> {
  const { limits } = deps.config
  const now = deps.clock.now()
  // The counter needs no phone number in the clear.
  const phoneKey = createHash('sha256').update(`login:${wish.phone}`).digest('hex')
  const byAddress = {
    key: `login:address:${wish.address}`,
    limit: limits.loginFailuresPerAddress,
    windowS: limits.loginWindowS,
  }
  const byAccount = {
    key: `login:account:${phoneKey}`,
    limit: limits.loginFailuresPerAccount,
    windowS: limits.loginAccountWindowS,
  }
  for (const allowance of [byAddress, byAccount]) {
    const { allowed, retryAfterS } = await countTry(deps.db, allowance, now)
    if (!allowed) throw new Refusal('login_locked', {}, { retryAfterS })
  }

  const user = await findUserByPhone(deps.db, wish.phone)
  const fits = await passwordFits(wish.password, user?.passwordHash)
  if (!user || !fits) throw new Refusal('login_failed')

  await forgetTries(deps.db, [byAddress.key, byAccount.key])
  const sessionId = newSessionId('s', deps.random, now)
  await deps.transact(async (tx) => {
    if (wish.session?.kind === 's') await endSession(tx, digestOf(wish.session.id), 'rotated', now)
    await insertSession(tx, newSessionOf(deps, sessionId, user.id))
  })
  return { sessionId, name: user.name }
}
