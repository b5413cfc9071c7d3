import type { Tx } from '../../platform/db.ts'
import { deleteHeartsOf } from './store.ts'

/** Takes all hearts of a person away, in the transaction that ends the account: nobody is left to look at them. */
export const dropHearts = (tx: Tx, userId: number): Promise<void> => deleteHeartsOf(tx, userId)
