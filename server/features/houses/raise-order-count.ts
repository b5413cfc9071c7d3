import type { Tx } from '../../platform/db.ts'

/** One more finished stay. Called by the one function that moves orders, under the house's lock, once per order. */
export async function raiseOrderCount(tx: Tx, houseId: number): Promise<void> {
  await tx
    .updateTable('houses')
    .set((eb) => ({ order_count: eb('order_count', '+', 1) }))
    .where('id', '=', houseId)
    .execute()
}
