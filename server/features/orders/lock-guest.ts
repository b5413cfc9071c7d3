import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'
import { prepared } from '../../platform/prepared-statements.ts'

/** Lets the bookings of one guest through one at a time, until the transaction ends. Taken before any house is locked. */
export async function lockGuest(tx: Tx, guestId: number): Promise<void> {
  await sql`${prepared('lock_guest')} select pg_advisory_xact_lock(hashtextextended(${`guest:${guestId}`}, 0))`.execute(
    tx,
  )
}
