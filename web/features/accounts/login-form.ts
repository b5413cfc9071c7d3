import { isPhone } from '@ihome/core/identity/phone'
import type { TextKey } from '../../text/say.ts'
import type { zhPrivate } from '../../text/zh-private.ts'

export interface LoginForm {
  phone: string
  password: string
}

type FieldFault = TextKey | keyof typeof zhPrivate

export interface LoginFaults {
  readonly phone: FieldFault | undefined
  readonly password: FieldFault | undefined
}

/** Phones put spaces and dashes into numbers that are filled in by themselves. */
export const plainPhone = (typed: string): string => typed.replace(/[\s-]/g, '').replace(/^\+?86(?=1\d{10}$)/, '')

/** What is missing or wrong before anything is sent. */
export function loginFaults({ phone, password }: LoginForm): LoginFaults {
  const number = plainPhone(phone)
  return {
    phone: number === '' ? 'login.phone_missing' : isPhone(number) ? undefined : 'login.phone_wrong',
    password: password === '' ? 'login.password_missing' : undefined,
  }
}
