import type { Deps } from '../../platform/deps.ts'
import { Refusal } from '../../platform/refusal.ts'
import { passCode } from '../sms/codes.ts'
import { putLetter } from '../sms/letters.ts'
import { type Entrance, openSession } from './open-session.ts'
import { checkNewPassword } from './password-rule.ts'
import { hashPassword } from './passwords.ts'
import { forgetFailures, type SignedIn } from './sign-in.ts'
import { endSessionsOf, findUserByPhone, setPassword } from './store.ts'

/**
 * Opens a session for whoever holds the phone. Says no with `sms_code_expired` and `sms_code_wrong`, the same for a
 * phone without an account: no code was sent to that.
 */
export async function signInByCode(
  deps: Deps,
  { phone, code, entrance }: { readonly phone: string; readonly code: string; readonly entrance: Entrance },
): Promise<SignedIn> {
  await passCode(deps, { phone, purpose: 'login', code })
  const user = await findUserByPhone(deps.db, phone)
  // The account ended while its code was under way.
  if (!user) throw new Refusal('sms_code_expired')
  await forgetFailures(deps, phone)
  const sessionId = await deps.transact((tx) => openSession(tx, deps, user.id, entrance))
  return { sessionId, userId: user.id, name: user.name }
}

export interface ResetWish {
  readonly phone: string
  readonly code: string
  readonly password: string
  readonly password2: string
  readonly entrance: Entrance
}

/**
 * A new password for whoever holds the phone; every other session ends. Says no with `input_invalid` (the code is then
 * not used up), `sms_code_expired` and `sms_code_wrong`.
 */
export async function resetPassword(deps: Deps, wish: ResetWish): Promise<SignedIn> {
  const { phone, code, password } = wish
  checkNewPassword(deps, wish)
  await passCode(deps, { phone, purpose: 'reset', code })
  const user = await findUserByPhone(deps.db, phone)
  if (!user) throw new Refusal('sms_code_expired')
  const passwordHash = await hashPassword(password)
  await forgetFailures(deps, phone)
  const now = deps.clock.now()
  const sessionId = await deps.transact(async (tx) => {
    await setPassword(tx, user.id, passwordHash, now)
    await endSessionsOf(tx, user.id, { reason: 'password_change', now })
    const key = `password:${user.id}:${now.getTime()}`
    await putLetter(tx, deps, { key, letter: { phone, kind: 'password_changed', params: [] }, now })
    return openSession(tx, deps, user.id, wish.entrance)
  })
  return { sessionId, userId: user.id, name: user.name }
}
