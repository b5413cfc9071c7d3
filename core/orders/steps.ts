import { dayInShanghai } from '../calendar.ts'
import { LIFECYCLE } from './lifecycle.ts'
import { checkInAt, checkOutAt, type OrderInTime } from './stay-times.ts'

export { checkInAt, checkOutAt, type OrderInTime }

export type Viewer = 'guest' | 'host'

/** Who ends an order: one of its two people, or an operator for the platform. */
export type Canceller = Viewer | 'system'

/** What a person can press. `pay` is the guest's way to the cashier, not the move that money makes. */
export type PersonStep = 'accept' | 'reject' | 'pay' | 'cancel' | 'check_out' | 'comment'

/** 入住中 is a label of the days, not a status. */
export const isInStay = (order: OrderInTime, now: Date): boolean =>
  order.status === 'PAID' && order.start_date <= dayInShanghai(now) && dayInShanghai(now) < order.end_date

/** Whether `viewer` may take `step` now. Server and buttons ask the same question. */
export function mayStep(order: OrderInTime, step: PersonStep, viewer: Viewer, now: Date): boolean {
  switch (step) {
    case 'accept':
    case 'reject':
      return viewer === 'host' && order.status === 'WAIT_ACCEPT'
    case 'pay':
      return viewer === 'guest' && order.status === 'WAIT_PAYMENT'
    case 'cancel':
      // Once the guest may be in the house, only an operator ends a paid order (product.md 3.4).
      if (order.status === 'PAID' && now >= checkInAt(order)) return false
      return LIFECYCLE[order.status].cancel?.by.includes(viewer) ?? false
    case 'check_out':
      return order.status === 'PAID' && dayInShanghai(now) >= order.end_date
    case 'comment':
      return viewer === 'guest' && order.status === 'WAIT_COMMENT'
  }
}
