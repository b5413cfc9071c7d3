import type { Selectable } from 'kysely'
import type { Db, Tx } from '../../platform/db.ts'
import type { PayeeAccounts } from '../../platform/db-types.ts'
import { FORGOTTEN } from './forget-payees.ts'

/** An account that money goes to. The newest of a person counts, from its `usable_from` on. */
export type Payee = Selectable<PayeeAccounts>

/** The newest first: the account of now, and before it those that were. */
export const listPayees = (db: Db | Tx, userId: number, most: number): Promise<Payee[]> =>
  db.selectFrom('payee_accounts').selectAll().where('user_id', '=', userId).orderBy('id', 'desc').limit(most).execute()

export const findPayee = (db: Db | Tx, id: number): Promise<Payee | undefined> =>
  db.selectFrom('payee_accounts').selectAll().where('id', '=', id).executeTakeFirst()

export async function insertPayee(tx: Tx, payee: Omit<Payee, 'id'>): Promise<number> {
  const { id } = await tx.insertInto('payee_accounts').values(payee).returning('id').executeTakeFirstOrThrow()
  return id
}

/** A page of accounts in the order of their numbers, for sealing anew. */
export const listPayeesAfter = (db: Db, after: number, most: number): Promise<Payee[]> =>
  db
    .selectFrom('payee_accounts')
    .selectAll()
    .where('id', '>', after)
    .where('account_mask', '<>', FORGOTTEN)
    .orderBy('id')
    .limit(most)
    .execute()

export async function replacePayeeSeal(
  db: Db,
  id: number,
  sealed: { readonly account_sealed: Buffer; readonly account_digest: Buffer },
): Promise<void> {
  await db.updateTable('payee_accounts').set(sealed).where('id', '=', id).execute()
}
