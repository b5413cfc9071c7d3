/** How Alipay finds a payee: by the number of an account, or by the phone or mail address that signs in there. */
export type PayeeIdentity = 'ALIPAY_USER_ID' | 'ALIPAY_LOGON_ID'

const USER_ID = /^2088\d{12}$/
const PHONE = /^1[3-9]\d{9}$/
const MAIL = /^[0-9a-z._%+-]{1,40}@[0-9a-z-]+(\.[0-9a-z-]+)+$/

/** An account as people type it, in one way of writing: half-width, without spaces, mail addresses in small letters. */
export const plainPayeeAccount = (typed: string): string => typed.normalize('NFKC').replace(/\s/g, '').toLowerCase()

/** Whether Alipay could know an account of this plain text. Whether it does, and whose it is, shows the first transfer. */
export const isPayeeAccount = (plain: string): boolean =>
  plain.length <= 64 && (USER_ID.test(plain) || PHONE.test(plain) || MAIL.test(plain))

export const payeeIdentity = (plain: string): PayeeIdentity =>
  USER_ID.test(plain) ? 'ALIPAY_USER_ID' : 'ALIPAY_LOGON_ID'

/** For screens and files: enough to be recognised by its owner. */
export function maskPayeeAccount(plain: string): string {
  const at = plain.indexOf('@')
  if (at > 0) return `${plain.slice(0, Math.min(2, at))}***${plain.slice(at)}`
  return `${plain.slice(0, 3)}****${plain.slice(-4)}`
}
