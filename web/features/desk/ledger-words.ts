import { sayAtDesk as say } from '../../text/desk-say.ts'
import { yuan } from '../../text/money.ts'

export const ACCOUNTS = [
  'CLEARING',
  'GUEST_ESCROW',
  'HOST_PAYABLE',
  'HOST_RECEIVABLE',
  'PLATFORM_FEE',
  'GATEWAY_FEE',
  'REFUND_PAYABLE',
  'SUSPENSE',
  'LOSS',
] as const

/** What a person calls an account. */
export function accountWords(account: string): string {
  const known = ACCOUNTS.find((name) => name === account)
  return known ? say(`desk.account.${known}`) : account
}

const EVENTS = [
  'pay_applied',
  'pay_surplus',
  'pay_suspense',
  'suspense_to_refund',
  'cancel',
  'accrue',
  'refund',
  'clawback',
  'payout',
  'payout_returned',
  'netting',
  'gateway_fee',
  'external_refund',
  'writeoff',
  'reversal',
] as const

/** What a person calls the reason of a posting. */
export function eventWords(event: string): string {
  const known = EVENTS.find((name) => name === event)
  return known ? say(`desk.event.${known}`) : event
}

/** An amount that may be less than nothing. */
export const signed = (fen: number): string => (fen < 0 ? `−${yuan(-fen)}` : yuan(fen))

/** What a field of day and time holds, as an instant on the clocks of Shanghai; undefined when it is none. */
export function instantOf(local: string | undefined): string | undefined {
  const parts = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(:\d{2})?/.exec(local ?? '')
  return parts ? `${parts[1]}${parts[2] ?? ':00'}+08:00` : undefined
}
