import type { DeskPayoutQuery } from '@ihome/contract/schemas/payouts'
import type { Deps } from '../../platform/deps.ts'
import { countDeskPayouts } from './payout-list-store.ts'

/** What should be, or return to, nothing, each by the filter of the desk's page that shows the same payouts. */
const PAYOUT_ALARMS = {
  payouts_unknown: { state: 'UNKNOWN' },
  payouts_retry: { state: 'RETRY' },
  payouts_manual: { state: 'MANUAL' },
  payouts_returned: { waits: 'returned' },
  payouts_overdue: { waits: 'overdue' },
} as const satisfies Readonly<Record<string, DeskPayoutQuery>>
export type PayoutAlarm = keyof typeof PAYOUT_ALARMS

type Needs = Pick<Deps, 'db' | 'clock' | 'config'>

/** How many payouts raise this alarm now. */
export const countPayoutAlarm = ({ db, clock, config }: Needs, name: PayoutAlarm): Promise<number> =>
  countDeskPayouts(db, PAYOUT_ALARMS[name], { now: clock.now(), sends: config.payouts !== undefined })

/** All of them. They are told also while payouts are switched off: what was sent before is still watched. */
export const readPayoutAlarms = (needs: Needs): Promise<{ readonly name: PayoutAlarm; readonly value: number }[]> =>
  Promise.all(
    (Object.keys(PAYOUT_ALARMS) as PayoutAlarm[]).map(async (name) => ({
      name,
      value: await countPayoutAlarm(needs, name),
    })),
  )
