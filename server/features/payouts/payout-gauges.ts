import type { Deps } from '../../platform/deps.ts'
import type { GaugeReading } from '../../platform/metrics.ts'
import { countPayoutAlarm, type PayoutAlarm } from './payout-alarms.ts'

const HELP: Readonly<Record<PayoutAlarm, string>> = {
  payouts_unknown: 'Payouts that may or may not have gone out',
  payouts_retry: 'Payouts that our balance or a limit keeps',
  payouts_manual: 'Payouts that a person must mend',
  payouts_returned: 'Payouts that came back and have not gone out again',
  payouts_overdue: 'Payouts past their due date, or that nothing keeps and that should have ended a day ago',
}

/** What the people who run this watch about payouts; each should be, or return to, 0. */
export const payoutGauges = (needs: Pick<Deps, 'db' | 'clock' | 'config'>): GaugeReading[] =>
  (Object.keys(HELP) as PayoutAlarm[]).map((name) => ({
    name,
    help: HELP[name],
    read: () => countPayoutAlarm(needs, name),
  }))
