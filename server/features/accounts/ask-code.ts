import type { SmsPurpose } from '@ihome/contract/schemas/accounts'
import type { Account } from '../../platform/access.ts'
import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/deps.ts'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'
import { passCaptcha } from '../captcha/captchas.ts'
import { sendCode } from '../sms/codes.ts'
import type { LetterKind } from '../sms/letters.ts'
import { isPhoneKnown } from './store.ts'

export interface AskCodeWish {
  readonly phone: string
  readonly purpose: SmsPurpose
  readonly captchaId: string
  readonly captchaAnswer: string
  readonly viewer: Account | undefined
  readonly sessionDigest: Buffer
  readonly address: string
}

/**
 * Sends a code to the phone. The captcha is used up either way. Who asks learns nothing about the phone: whether it
 * has an account only its owner is told, by the message. Says no with `sign_in_needed`, `input_invalid`,
 * `captcha_expired`, `captcha_wrong`, `sms_too_soon` and `sms_limit_reached`.
 */
export async function askCode(deps: Deps, wish: AskCodeWish): Promise<{ readonly requestId: string }> {
  const { phone, purpose, viewer } = wish
  if (purpose === 'step_up' || purpose === 'phone_change') {
    if (!viewer) throw new Refusal('sign_in_needed')
    if (purpose === 'step_up' && phone !== viewer.phone) throw inputInvalid({ field: 'mobile', reason: 'not_yours' })
  }
  await passCaptcha(deps, wish.captchaId, wish.captchaAnswer)
  return deps.transact(async (tx) => {
    const instead = await whatElse(tx, purpose, phone)
    return sendCode(tx, deps, { ...wish, instead })
  })
}

/** What the owner of the number is told when a code would open nothing. */
async function whatElse(tx: Tx, purpose: SmsPurpose, phone: string): Promise<LetterKind | undefined> {
  const isKnown = await isPhoneKnown(tx, phone)
  if (purpose === 'register' || purpose === 'phone_change') return isKnown ? 'account_exists' : undefined
  return isKnown ? undefined : 'no_account'
}
