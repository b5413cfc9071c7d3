import type { BookedPayout } from '@ihome/core/bills/bill'
import type { Db } from '../../platform/db.ts'
import { hastenPayout, listPayoutsEndedBetween, listPayoutsNumbered } from './billed-payouts-store.ts'

type Row = Awaited<ReturnType<typeof listPayoutsNumbered>>[number]

const STATES: Readonly<Record<string, BookedPayout['state']>> = {
  SENT: 'sent',
  UNKNOWN: 'sent',
  SUCCEEDED: 'succeeded',
  RETURNED: 'returned',
}

const bookedOf = (row: Row): BookedPayout => ({
  payoutId: row.id,
  outBizNo: row.out_biz_no,
  amountFen: row.amount_fen,
  state: STATES[row.state] ?? 'other',
})

/** Payouts with one of these numbers, and those that went through from `from` until before `to`. */
export async function readBilledPayouts(
  db: Db,
  { numbers, from, to }: { readonly numbers: readonly string[]; readonly from: Date; readonly to: Date },
): Promise<{ readonly payouts: readonly BookedPayout[]; readonly endedThen: ReadonlySet<number> }> {
  const ended = await listPayoutsEndedBetween(db, from, to)
  const named = await listPayoutsNumbered(db, numbers)
  const all = new Map([...ended, ...named].map((row) => [row.id, row]))
  return { payouts: [...all.values()].map(bookedOf), endedThen: new Set(ended.map(({ id }) => id)) }
}

/** A bill shows a payout otherwise than we know it: the job asks the gateway, whose answer alone is booked. */
export const askAboutPayout = (db: Db, outBizNo: string, now: Date): Promise<void> => hastenPayout(db, outBizNo, now)
