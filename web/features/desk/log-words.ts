import type { DeskEvent } from '@ihome/contract/schemas/operator-desk'
import { isOrderStatus } from '@ihome/core/orders/lifecycle'
import { sayAtDesk as say } from '../../text/desk-say.ts'
import { accountWords, eventWords } from './ledger-words.ts'
import { attemptWords, caseWords } from './money-words.ts'
import { frozenWords, payoutWords } from './payout-words.ts'
import { REFUND_STATES, reasonWords, refundWords } from './refund-words.ts'

/** Names that the log has from its tables and that people have words for; everything else is shown as it is. */
const NAMES = [
  'guest',
  'host',
  'operator',
  'gateway',
  'system',
  'notify',
  'return',
  'poll',
  'manual',
  'bill',
  'paid',
  'refund',
  'closed',
  'not_exist',
  'waiting',
  'unknown',
  'applied',
  'surplus',
  'mismatch',
  'none',
  'unmatched',
  'foreign',
  'rejected',
  'APPLIED',
  'SURPLUS',
] as const

function nameWords(name: string): string {
  if (isOrderStatus(name)) return say(`status.${name}`)
  const known = NAMES.find((one) => one === name)
  return known ? say(`desk.log.${known}`) : name
}

/** What happened, in a word. */
export function logTitle({ kind, title }: DeskEvent): string {
  if (kind === 'attempt') return attemptWords(title)
  if (kind === 'posting') return accountWords(title)
  if (kind === 'payout') return payoutWords(title)
  const refund = REFUND_STATES.find((state) => state === title)
  if (kind === 'refund' && refund) return refundWords(refund)
  return kind === 'case' ? caseWords(title) : nameWords(title)
}

/** The rest of it: who, through what, under which number. Parts are joined as the server joined them. */
export function logDetail({ kind, detail }: DeskEvent): string {
  if (kind === 'posting') return eventWords(detail)
  const parts = detail.split(' · ')
  if (kind === 'payout') return parts.map(frozenWords).join(' · ')
  const [first = ''] = parts
  if (kind === 'move' && isOrderStatus(first)) {
    parts[0] = say('desk.log.from', { status: nameWords(first) })
  }
  return parts
    .map((part, index) => (kind === 'refund' && index === 0 ? reasonWords(part) : nameWords(part)))
    .join(' · ')
}
