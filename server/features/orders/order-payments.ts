import type { Tx } from '../../platform/db.ts'

/** What orders ask of payments. The composition root joins the two, so that neither imports the other in a circle. */
export interface OrderPayments {
  /**
   * Whether an attempt of this order could still take the buyer's money: then the order closes (CLOSING) and keeps its
   * nights until the gateway is certain; otherwise it ends at once. Called under the order's lock, calls nobody
   * outside.
   */
  couldStillTakeMoney(tx: Tx, orderId: number): Promise<boolean>
}
