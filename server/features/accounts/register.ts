import type { Deps } from '../../platform/deps.ts'
import { passCode } from '../sms/codes.ts'
import { type Entrance, openSession } from './open-session.ts'
import { checkNewPassword } from './password-rule.ts'
import { hashPassword } from './passwords.ts'
import { insertUser } from './store.ts'

export interface RegisterWish {
  readonly phone: string
  readonly code: string
  readonly password: string
  readonly password2: string
  readonly entrance: Entrance
}

/**
 * A new account, named by its phone, and a session for it. Says no with `input_invalid` (the code is then not used
 * up), `sms_code_expired`, `sms_code_wrong`, and, after the right code only, `phone_taken`.
 */
export async function register(deps: Deps, wish: RegisterWish): Promise<{ userId: number; sessionId: string }> {
  const { phone, code, password } = wish
  checkNewPassword(deps, wish)
  await passCode(deps, { phone, purpose: 'register', code })
  const passwordHash = await hashPassword(password)
  return deps.transact(async (tx) => {
    const userId = await insertUser(tx, { phone, passwordHash, now: deps.clock.now() })
    return { userId, sessionId: await openSession(tx, deps, userId, wish.entrance) }
  })
}
