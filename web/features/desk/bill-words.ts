import type { DeskBill, DeskDifference } from '@ihome/contract/schemas/bills'
import { DIFFERENCE_KINDS, type DifferenceKind } from '@ihome/core/bills/bill'
import { sayAtDesk as say } from '../../text/desk-say.ts'
import { yuan } from '../../text/money.ts'

export const DIFFERENCE_STATES = ['found', 'asked', 'open', 'fixed', 'resolved'] as const
export const LINE_RESULTS = ['matched', 'differs', 'only_theirs', 'foreign'] as const

const isKind = (kind: string): kind is DifferenceKind => (DIFFERENCE_KINDS as readonly string[]).includes(kind)

/** A kind that is newer than this page is shown by its name. */
export const differenceWords = (kind: string): string => (isKind(kind) ? say(`desk.diff.kind.${kind}`) : kind)
export const differenceKinds = () => DIFFERENCE_KINDS.map((value) => ({ value, words: differenceWords(value) }))

export const billWords = ({ state }: Pick<DeskBill, 'state'>): string => say(`desk.bill.state.${state}`)
export const billTone = ({ state, waiting }: Pick<DeskBill, 'state' | 'waiting'>) =>
  state !== 'compared' ? 'plain' : waiting > 0 ? 'warn' : 'trust'

export const differenceTone = ({ state }: Pick<DeskDifference, 'state'>) =>
  state === 'open' ? 'danger' : state === 'fixed' || state === 'resolved' ? 'trust' : 'warn'

/** An amount that may be missing, and whose sign says which way it went. */
export const signedYuan = (fen: number | null): string => (fen === null ? '' : fen < 0 ? `−${yuan(-fen)}` : yuan(fen))

/** How the gateway's balance of the day stands to our books. */
export function balanceWords({ theirs_fen, ours_fen }: Pick<DeskBill, 'theirs_fen' | 'ours_fen'>): string {
  if (theirs_fen === null || ours_fen === null) return ''
  const gap = theirs_fen - ours_fen
  return gap === 0 ? say('desk.bill.balanced') : say('desk.bill.gap', { amount: signedYuan(gap) })
}
