import { CHECK_IN_HOUR, CHECK_OUT_HOUR, type CivilDate, instantInShanghai } from '../calendar.ts'
import type { OrderStatus } from './lifecycle.ts'

export interface OrderInTime {
  readonly status: OrderStatus
  readonly start_date: CivilDate
  readonly end_date: CivilDate
}

/** Check-in time of the stay; what a cancelling guest gets back is counted from here. */
export const checkInAt = (order: OrderInTime): Date => instantInShanghai(order.start_date, CHECK_IN_HOUR)
/** Check-out time of the stay: then a job ends it, if nobody has. */
export const checkOutAt = (order: OrderInTime): Date => instantInShanghai(order.end_date, CHECK_OUT_HOUR)
