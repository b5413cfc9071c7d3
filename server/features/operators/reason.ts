import { writtenText } from '@ihome/core/text'
import { inputInvalid } from '../../platform/refusal.ts'

const REASON_LENGTH = 200

/** What an operator gave as a reason, without the space around it. Says no with `input_invalid`. */
export function reasonOf(reason: string): string {
  const written = writtenText(reason, REASON_LENGTH)
  if (written === undefined) throw inputInvalid({ field: 'reason', reason: `1 to ${REASON_LENGTH} characters` })
  return written
}

/** An act at the desk: who, and why in words of their own. */
export interface DeskWish {
  readonly operatorId: number
  readonly reason: string
}
