import type { OrderStatus } from '@ihome/core/orders/lifecycle'
import { isInStay, type OrderInTime } from '@ihome/core/orders/steps'

/** What the tag of an order says: its status, or 入住中 while the days of a paid order run. */
export type OrderLabel = OrderStatus | 'IN_STAY'
export type Tone = 'trust' | 'warn' | 'danger' | 'plain'

export const labelOf = (order: OrderInTime, now: Date): OrderLabel => (isInStay(order, now) ? 'IN_STAY' : order.status)

export const TONES: Readonly<Record<OrderLabel, Tone>> = {
  WAIT_ACCEPT: 'warn',
  WAIT_PAYMENT: 'warn',
  CLOSING: 'plain',
  PAID: 'trust',
  IN_STAY: 'trust',
  WAIT_COMMENT: 'plain',
  COMPLETE: 'plain',
  CANCELED: 'plain',
  REJECTED: 'danger',
}
