import type { Fen } from '@ihome/core/money'
import type { Canceller } from '@ihome/core/orders/steps'
import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/deps.ts'
import type { LockedOrder } from './order-lock.ts'

/** What orders ask of payments. The composition root joins the two, so that neither imports the other in a circle. */
export interface OrderPayments {
  /**
   * Whether an attempt of this order could still take the buyer's money: then the order closes (CLOSING) and keeps its
   * nights until the gateway is certain; otherwise it ends at once. Called under the order's lock, calls nobody
   * outside.
   */
  couldStillTakeMoney(tx: Tx, orderId: number): Promise<boolean>
  /**
   * Divides the money of a paid order that is being cancelled and promises back what goes back, which it gives; a job
   * sends it later. Called once, under the lock of `order` as it was read, in the transaction that ends it; calls
   * nobody outside.
   */
  refundPaid(tx: Tx, needs: Pick<Deps, 'config' | 'random'>, order: LockedOrder, by: Canceller, now: Date): Promise<Fen>
}
