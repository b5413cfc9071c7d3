import { sayAtDesk as say } from '../../text/desk-say.ts'

export const PAYOUT_STATES = [
  'ACCRUED',
  'SCHEDULED',
  'SENT',
  'UNKNOWN',
  'RETRY',
  'MANUAL',
  'SUCCEEDED',
  'RETURNED',
] as const

/** What a person calls a state of a payout; `netted` is one that a debt took whole. */
export function payoutWords(state: string): string {
  if (state === 'netted') return say('desk.payout.netted_whole')
  const known = PAYOUT_STATES.find((name) => name === state)
  return known ? say(`desk.payout.${known}`) : state
}

const FROZEN = ['refund', 'dispute', 'unverified', 'payee_change'] as const

/** Why a payout waits; anything else, such as a code of the gateway's, is shown as it is. */
export function frozenWords(reason: string): string {
  const known = FROZEN.find((name) => name === reason)
  return known ? say(`desk.payout.by_${known}`) : reason
}
