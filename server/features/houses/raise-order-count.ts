import type { Tx } from '../../platform/db.ts'

/** One more order of the house is COMPLETE. Call it once, in the transaction that completes the order. */
export async function raiseOrderCount(tx: Tx, houseId: number): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('houses')
    .set(({ eb }) => ({ order_count: eb('order_count', '+', 1) }))
    .where('id', '=', houseId)
    .executeTakeFirst()
  if (numUpdatedRows !== 1n) throw new RangeError(`house ${houseId} is not there to be counted`)
}
