import type { Db } from '../../platform/db.ts'
import type { GaugeReading } from '../../platform/metrics.ts'
import { countPayoutsIn } from './payout-gauge-store.ts'

/** What the people who run this watch about payouts; each should be, or return to, 0. */
export const payoutGauges = ({ db }: { readonly db: Db }): GaugeReading[] => [
  {
    name: 'payouts_unknown',
    help: 'Payouts that may or may not have gone out',
    read: () => countPayoutsIn(db, 'UNKNOWN'),
  },
  { name: 'payouts_retry', help: 'Payouts that our balance or a limit keeps', read: () => countPayoutsIn(db, 'RETRY') },
  { name: 'payouts_manual', help: 'Payouts that a person must mend', read: () => countPayoutsIn(db, 'MANUAL') },
]
