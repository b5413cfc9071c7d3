import type { PersonStep } from '@ihome/core/orders/steps'

/** The steps that are confirmed, or explained, in a sheet before they are sent. Paying leaves the site instead. */
export type SheetStep = Exclude<PersonStep, 'pay'> | 'reply'

const STEPS: readonly SheetStep[] = ['accept', 'reject', 'cancel', 'check_out', 'comment', 'reply']

export interface AskedStep {
  readonly step: SheetStep
  readonly orderId: number
}

/** Names the sheet's entry in the history, so that a reload opens the same one again. */
export const sheetName = ({ step, orderId }: AskedStep): string => `${step}-${orderId}`

/** The step whose sheet stood open in this entry of the history. */
export function askedStepOf(state: unknown): AskedStep | undefined {
  if (typeof state !== 'object' || state === null || !('sheet' in state)) return undefined
  const match = /^([a-z_]+)-(\d{1,15})$/.exec(String(state.sheet))
  const step = STEPS.find((known) => known === match?.[1])
  return step && { step, orderId: Number(match?.[2]) }
}
