import { sql } from 'kysely'
import type { Db } from '../../platform/db.ts'

const columns = (db: Db) => db.selectFrom('payouts').select(['id', 'out_biz_no', 'amount_fen', 'state', 'settled_at'])

export const listPayoutsNumbered = (db: Db, numbers: readonly string[]) =>
  columns(db).where(sql<boolean>`out_biz_no = any(${numbers})`).execute()

/** Payouts that went through from `from` until before `to`, also those that came back later. */
export const listPayoutsEndedBetween = (db: Db, from: Date, to: Date) =>
  columns(db)
    .where('settled_at', '>=', from)
    .where('settled_at', '<', to)
    .where('amount_fen', '>', 0)
    .where('state', '=', 'SUCCEEDED')
    .execute()

/** Makes the job ask about a payout at once. */
export async function hastenPayout(db: Db, outBizNo: string, now: Date): Promise<void> {
  await db
    .updateTable('payouts')
    .set({ next_try_at: now })
    .where('out_biz_no', '=', outBizNo)
    .where('state', 'in', ['SENT', 'UNKNOWN', 'SUCCEEDED'])
    .execute()
}
