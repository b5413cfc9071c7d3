import type { Account } from '../../platform/access.ts'
import type { Deps } from '../../platform/deps.ts'
import { countUse, forgetUses, standingOf } from '../../platform/rate-limits.ts'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'
import { passCode } from '../sms/codes.ts'
import { type Entrance, openSession } from './open-session.ts'
import { passwordFits } from './passwords.ts'
import { findPasswordHash, findStepUp } from './store.ts'
import { digestOf } from './tokens.ts'

export interface StepUpWish {
  readonly account: Account
  readonly password: string | undefined
  readonly code: string | undefined
  readonly entrance: Entrance
}

/**
 * Recognises the person a second time, by the password or by a code sent to their phone, and opens a new session that
 * may change the account for a while. Says no with `input_invalid` when neither or both are given, `login_locked`
 * after five wrong passwords, `login_failed`, `sms_code_expired` and `sms_code_wrong`.
 */
export async function stepUp(deps: Deps, wish: StepUpWish): Promise<{ sessionId: string; until: Date }> {
  const { account, password, code } = wish
  if ((password === undefined) === (code === undefined)) throw inputInvalid({ field: 'password', reason: 'one_of_two' })
  if (code !== undefined) await passCode(deps, { phone: account.phone, purpose: 'step_up', code })
  else await checkPassword(deps, account.id, password ?? '')
  const sessionId = await deps.transact((tx) => openSession(tx, deps, account.id, wish.entrance, true))
  return { sessionId, until: new Date(deps.clock.now().getTime() + deps.config.limits.stepUpS * 1000) }
}

async function checkPassword(deps: Deps, userId: number, password: string): Promise<void> {
  const { db, clock, config } = deps
  const now = clock.now()
  const allowance = {
    key: `login:step_up:${userId}`,
    limit: config.limits.loginFailuresPerAddress,
    windowS: config.limits.loginWindowS,
  }
  const { open, retryAfterS } = await standingOf(db, allowance, now)
  if (!open) throw new Refusal('login_locked', {}, { retryAfterS })
  // Counted before it is looked at, and given back when it was right: of many at once no more than five are.
  const counted = await countUse(db, allowance, now)
  if (!counted.open) throw new Refusal('login_locked', {}, { retryAfterS: counted.retryAfterS })
  if (!(await passwordFits(password, await findPasswordHash(db, userId)))) throw new Refusal('login_failed')
  await forgetUses(db, [allowance.key])
}

/** For what changes the account itself. Says no with `step_up_needed`; answers the digest of the session that may. */
export async function assertSteppedUp(
  { db, clock, config }: Pick<Deps, 'db' | 'clock' | 'config'>,
  { session }: Entrance,
): Promise<Buffer> {
  if (!session) throw new Refusal('sign_in_needed')
  const digest = digestOf(session.id)
  const at = await findStepUp(db, digest)
  if (!at || clock.now().getTime() - at.getTime() >= config.limits.stepUpS * 1000) throw new Refusal('step_up_needed')
  return digest
}
