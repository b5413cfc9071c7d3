import { sayAtDesk as say } from '../../text/desk-say.ts'

export const REFUND_STATES = [
  'RESERVED',
  'SENT',
  'UNKNOWN',
  'WAIT_FUNDS',
  'MANUAL',
  'SUCCEEDED',
  'VOID',
  'EXTERNAL',
] as const
export type RefundState = (typeof REFUND_STATES)[number]

export const refundWords = (state: RefundState): string => say(`desk.refund.state.${state}`)

export const REFUND_TONES: Readonly<Record<RefundState, 'plain' | 'warn' | 'trust' | 'danger'>> = {
  RESERVED: 'warn',
  SENT: 'warn',
  UNKNOWN: 'danger',
  WAIT_FUNDS: 'danger',
  MANUAL: 'danger',
  SUCCEEDED: 'trust',
  VOID: 'plain',
  EXTERNAL: 'plain',
}

const REASONS = [
  'guest_cancel',
  'host_cancel',
  'system_cancel',
  'surplus',
  'mismatch',
  'unmatched',
  'date_change',
  'early_end',
  'external',
  'dispute',
] as const

/** Why money goes back, in words; what nobody named yet stands as it is kept. */
export function reasonWords(reason: string): string {
  const known = REASONS.find((name) => name === reason)
  return known ? say(`desk.refund.why.${known}`) : reason
}

/** Why an operator gives back a part. */
export const PART_REASONS = ['early_end', 'dispute', 'system_cancel'] as const
