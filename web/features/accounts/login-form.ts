import { isPhone } from '@ihome/core/identity/phone'

export interface LoginForm {
  phone: string
  password: string
}

export interface LoginFaults {
  readonly phone: 'login.phone_missing' | 'login.phone_wrong' | undefined
  readonly password: 'login.password_missing' | undefined
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
