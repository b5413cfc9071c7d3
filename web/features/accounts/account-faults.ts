import { PASSWORD_MAX, PASSWORD_MIN } from '@ihome/contract/password-length'
import { isPhone } from '@ihome/core/identity/phone'
import { isRefusal, type Trouble } from '../../platform/trouble.ts'
import { plainPhone } from './login-form.ts'

/** The phone as it is sent; empty when what was typed is none. */
export const phoneToSend = (typed: string): string => {
  const phone = plainPhone(typed)
  return isPhone(phone) ? phone : ''
}

export function phoneFault(typed: string): 'login.phone_missing' | 'login.phone_wrong' | undefined {
  const phone = plainPhone(typed)
  if (phone === '') return 'login.phone_missing'
  return isPhone(phone) ? undefined : 'login.phone_wrong'
}

export function codeFault(code: string): 'sms.missing' | 'sms.shape' | undefined {
  if (code.trim() === '') return 'sms.missing'
  return /^\d{6}$/.test(code.trim()) ? undefined : 'sms.shape'
}

export function passwordFault(password: string): 'password.short' | 'password.long' | undefined {
  const length = [...password].length
  if (length < PASSWORD_MIN) return 'password.short'
  return length > PASSWORD_MAX ? 'password.long' : undefined
}

/** A second password that is still being typed differs; that is said on leaving it and on sending. */
export const againFault = (password: string, again: string): 'password.differs' | undefined =>
  password === again ? undefined : 'password.differs'

/** The reason that the server gave for a field, where it named one. */
export function refusedField(trouble: Trouble | undefined, name: string): string | undefined {
  if (trouble?.kind !== 'refusal' || trouble.problem !== 'input_invalid') return undefined
  const { fields = [] } = (trouble.details ?? {}) as { readonly fields?: readonly { field: string; reason: string }[] }
  return fields.find(({ field }) => field === name)?.reason
}

/** Problems of a code stand at its field. */
export const isCodeProblem = (trouble: Trouble | undefined): boolean =>
  trouble?.kind === 'refusal' && (trouble.problem === 'sms_code_wrong' || trouble.problem === 'sms_code_expired')

/** Problems of a phone or of the code sent to it: the fields of both say them. */
export const isPhoneCodeProblem = (trouble: Trouble | undefined): boolean =>
  isCodeProblem(trouble) || isRefusal(trouble, 'phone_taken')
