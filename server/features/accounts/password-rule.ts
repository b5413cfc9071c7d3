import type { Deps } from '../../platform/deps.ts'
import { inputInvalid } from '../../platform/refusal.ts'

/** What was typed twice. Says no with `input_invalid` at `password` or `password2`; length is the one rule. */
export function checkNewPassword(
  { config }: Pick<Deps, 'config'>,
  { password, password2 }: { readonly password: string; readonly password2: string },
): void {
  const length = [...password].length
  if (length < config.limits.passwordMin) throw inputInvalid({ field: 'password', reason: 'too_short' })
  if (length > config.limits.passwordMax) throw inputInvalid({ field: 'password', reason: 'too_long' })
  if (password !== password2) throw inputInvalid({ field: 'password2', reason: 'differs' })
}
