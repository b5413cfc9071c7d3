import type { OrderPayments } from '../orders/order-payments.ts'
import { findLiveAttempt } from './attempt-store.ts'
import { refundPaid } from './refund-paid-order.ts'

/** What orders ask of payments. */
export const orderPayments: OrderPayments = {
  couldStillTakeMoney: async (tx, orderId) => (await findLiveAttempt(tx, orderId)) !== undefined,
  refundPaid,
}
