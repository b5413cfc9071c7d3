import { nameFault, plainName } from '@ihome/core/identity/person-name'
import type { Account } from '../../platform/access.ts'
import type { Deps } from '../../platform/deps.ts'
import { inputInvalid } from '../../platform/refusal.ts'
import { passCode } from '../sms/codes.ts'
import { type LetterKind, putLetter } from '../sms/letters.ts'
import type { Entrance } from './open-session.ts'
import { checkNewPassword } from './password-rule.ts'
import { hashPassword } from './passwords.ts'
import { assertSteppedUp } from './step-up.ts'
import { endSessionsOf, setName, setPassword, setPhone } from './store.ts'

interface Change {
  readonly account: Account
  readonly entrance: Entrance
}

/** The name that others see. Says no with `input_invalid` and `name_taken`. */
export async function rename(deps: Deps, account: Account, typed: string): Promise<string> {
  const name = plainName(typed)
  const fault = nameFault(name, account.phone)
  if (fault) throw inputInvalid({ field: 'name', reason: fault })
  await setName(deps.db, account.id, name, deps.clock.now())
  deps.events.publish({ kind: 'user_changed', userId: account.id })
  return name
}

/** Every other session ends. Says no with `step_up_needed` and `input_invalid`. */
export async function changePassword(
  deps: Deps,
  { account, entrance, ...typed }: Change & { readonly password: string; readonly password2: string },
): Promise<void> {
  const own = await assertSteppedUp(deps, entrance)
  checkNewPassword(deps, typed)
  const passwordHash = await hashPassword(typed.password)
  const now = deps.clock.now()
  await deps.transact(async (tx) => {
    await setPassword(tx, account.id, passwordHash, now)
    await endSessionsOf(tx, account.id, { but: own, reason: 'password_change', now })
    await putLetter(tx, deps, letterAbout('password_changed', account, now))
  })
}

/**
 * Another phone, which showed its code; the one before is told, and every other session ends. Says no with
 * `step_up_needed`, `sms_code_expired`, `sms_code_wrong` and `phone_taken`.
 */
export async function changePhone(
  deps: Deps,
  { account, entrance, phone, code }: Change & { readonly phone: string; readonly code: string },
): Promise<void> {
  const own = await assertSteppedUp(deps, entrance)
  await passCode(deps, { phone, purpose: 'phone_change', code })
  const now = deps.clock.now()
  await deps.transact(async (tx) => {
    await setPhone(tx, account.id, phone, now)
    await endSessionsOf(tx, account.id, { but: own, reason: 'phone_change', now })
    await putLetter(tx, deps, letterAbout('phone_changed', account, now))
  })
  deps.events.publish({ kind: 'user_changed', userId: account.id })
}

/** To the phone that the account had before the change. */
const letterAbout = (kind: LetterKind, { id, phone }: Account, now: Date) => ({
  key: `${kind}:${id}:${now.getTime()}`,
  letter: { phone, kind, params: [] },
  now,
})
