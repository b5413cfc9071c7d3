import type { OrderItem } from '@ihome/contract/schemas/orders'
import { watch } from 'vue'
import { useNow } from '../../platform/server-clock.ts'
import { payingOrder } from '../payments/paying-order.ts'

/** So often is an order asked for that will change without anybody here doing something. */
const PAUSE_MS = 10_000

/**
 * True when the order is about to change by itself: its window is over, it is closing, its guest is paying, or its
 * money is on its way back.
 */
export function isDue(order: OrderItem, now: Date, payingId: number | undefined): boolean {
  switch (order.status) {
    case 'WAIT_ACCEPT':
      return order.accept_by !== null && new Date(order.accept_by) <= now
    case 'WAIT_PAYMENT':
      return order.order_id === payingId || (order.pay_by !== null && new Date(order.pay_by) <= now)
    case 'CLOSING':
      return true
    default:
      return order.refund_state === 'processing'
  }
}

/** Reads again while an order on the screen is due. Nothing is asked while nobody looks. Gives the clock that it runs on. */
export function useDueOrders(orders: () => readonly OrderItem[], reload: () => Promise<void>) {
  const now = useNow()
  let askedAt = now.value.getTime()
  watch(now, (at) => {
    if (at.getTime() - askedAt < PAUSE_MS) return
    const paying = payingOrder()
    if (!orders().some((order) => isDue(order, at, paying))) return
    askedAt = at.getTime()
    void reload()
  })
  return now
}
