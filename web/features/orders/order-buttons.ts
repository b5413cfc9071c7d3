import { mayStep, type OrderInTime, type PersonStep, type Viewer } from '@ihome/core/orders/steps'
import type { SheetStep } from './sheet-step.ts'

export interface CardButtons {
  /** The one loud button. */
  readonly main: PersonStep | undefined
  readonly quiet: readonly SheetStep[]
  /** The way to other houses, after a refusal. */
  readonly browse: boolean
}

/** In the order in which the loud place is given away; the others stay quiet (experience.md 8.2). */
const LOUD: readonly PersonStep[] = ['accept', 'pay', 'check_out', 'comment']
const QUIET: readonly SheetStep[] = ['reject', 'cancel']

/** The host may answer a review once; what is not told here counts as answered. */
export const mayReply = (order: OrderInTime & ReviewedOrder, viewer: Viewer): boolean =>
  viewer === 'host' && order.status === 'COMPLETE' && typeof order.comment === 'string' && order.reply === null

interface ReviewedOrder {
  readonly comment?: string | null
  readonly reply?: string | null
}

/** The buttons of an order. The server decides by the same rule; the page spares the viewer one that it would refuse. */
export function buttonsOf(order: OrderInTime & ReviewedOrder, viewer: Viewer, now: Date): CardButtons {
  const open = (step: PersonStep) => mayStep(order, step, viewer, now)
  return {
    main: LOUD.find(open),
    quiet: [
      ...QUIET.filter((step) => step !== 'reply' && open(step)),
      ...(mayReply(order, viewer) ? (['reply'] as const) : []),
    ],
    browse: viewer === 'guest' && order.status === 'REJECTED',
  }
}
