import type { DeskCase, DeskPayment } from '@ihome/contract/schemas/operator-desk-money'
import { sayAtDesk as say } from '../../text/desk-say.ts'

export const ATTEMPT_STATES = ['NEW', 'OPEN', 'CLOSING', 'CLOSED', 'SUCCEEDED', 'MISMATCH'] as const
type AttemptState = (typeof ATTEMPT_STATES)[number]

/** What a person calls a state of an attempt; money that bought nothing says so. */
export function attemptWords(state: string, disposition: string | null = null): string {
  const known = ATTEMPT_STATES.find((name) => name === state)
  if (!known) return state
  return disposition === 'SURPLUS' && known === 'SUCCEEDED' ? say('desk.pay.surplus') : say(`desk.pay.state.${known}`)
}

const TONES: Readonly<Record<AttemptState, 'plain' | 'warn' | 'trust' | 'danger'>> = {
  NEW: 'plain',
  OPEN: 'warn',
  CLOSING: 'warn',
  CLOSED: 'plain',
  SUCCEEDED: 'trust',
  MISMATCH: 'danger',
}
export const attemptTone = (state: string) => TONES[ATTEMPT_STATES.find((name) => name === state) ?? 'NEW']

const ANSWERS = ['paid', 'refund', 'closed', 'not_exist', 'waiting', 'unknown'] as const

/** What the gateway said last about an attempt. */
export function answerText(row: Pick<DeskPayment, 'last_kind' | 'last_effect'>): string {
  if (row.last_kind === null) return say('desk.pay.answer.none')
  const known = ANSWERS.find((name) => name === row.last_kind)
  const words = known ? say(`desk.pay.answer.${known}`) : row.last_kind
  return row.last_effect === 'rejected' ? say('desk.pay.answer_rejected', { words }) : words
}

const CASE_KINDS = [
  'unmatched',
  'mismatch',
  'refund_manual',
  'contradiction',
  'misconfigured',
  'overdue_attempt',
  'bill_late',
  'bill_difference',
] as const

/** What a person calls a kind of case; a kind that has no words yet is shown as it is. */
export function caseWords(kind: string): string {
  const known = CASE_KINDS.find((name) => name === kind)
  return known ? say(`desk.case.kind.${known}`) : kind
}
export const caseKinds = () => CASE_KINDS.map((value) => ({ value, words: caseWords(value) }))

const HOUR_MS = 3_600_000

/** How long a case has been open, or was. */
export function ageText({ opened_at, closed_at }: Pick<DeskCase, 'opened_at' | 'closed_at'>): string {
  const until = closed_at === null ? Date.now() : Date.parse(closed_at)
  const hours = Math.max(0, Math.floor((until - Date.parse(opened_at)) / HOUR_MS))
  return hours < 48 ? say('desk.case.hours', { hours }) : say('desk.case.days', { days: Math.floor(hours / 24) })
}
