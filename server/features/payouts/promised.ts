import { PROMISED_STATES } from '@ihome/core/payouts/payout-plan'
import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'

/**
 * Keeps everybody else from the accounts of one host until the end of the transaction. Whoever lowers what a host has
 * coming, or promises it, takes this after the locks of order, attempt and refund or payout, and then looks.
 */
export async function lockHostAccounts(tx: Tx, hostId: number): Promise<void> {
  // The same lock as the trigger payouts_are_covered and the clawback of a refund take.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`host_payable:${hostId}`}, 0))`.execute(tx)
}

/** What is promised to a host in payouts that are not settled: nobody else may take it. The payout `exceptId` left out. */
export async function promisedFen(tx: Tx, hostId: number, exceptId = 0): Promise<number> {
  const row = await tx
    .selectFrom('payouts')
    .select(sql<number>`coalesce(sum(amount_fen), 0)::bigint`.as('sum'))
    .where('host_id', '=', hostId)
    .where('state', 'in', [...PROMISED_STATES])
    .where('id', '<>', exceptId)
    .executeTakeFirstOrThrow()
  return row.sum
}
