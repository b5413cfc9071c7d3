import type { Tx } from '../../platform/db.ts'

/** What stands where an account was that its owner took along. */
export const FORGOTTEN = '已注销'

/** Empties the accounts of a person who leaves. The rows stay: payouts name them. Nothing is on its way to them. */
export async function forgetPayees(tx: Tx, userId: number): Promise<void> {
  await tx
    .updateTable('payee_accounts')
    .set({ account_sealed: Buffer.alloc(0), account_mask: FORGOTTEN })
    .where('user_id', '=', userId)
    .execute()
}
