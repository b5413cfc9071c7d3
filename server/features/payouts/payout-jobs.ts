import type { Deps } from '../../platform/deps.ts'
import type { Job } from '../../platform/jobs.ts'
import { openPayouts } from './open-payouts.ts'
import { resealPayees } from './payee-accounts.ts'
import type { PayoutProvider } from './provider.ts'
import { schedulePayouts } from './schedule-payouts.ts'
import { sendDuePayouts } from './send-payouts.ts'

const DAY_MS = 24 * 3_600_000

/**
 * The jobs of payouts. Safe to run on several instances at once. Without a provider nothing is promised or sent: what
 * hosts have earned is written down and stays with us.
 */
export const payoutJobs = (deps: Deps, payouts: PayoutProvider | undefined): Job[] => [
  openJob(deps),
  {
    name: 'reseal_payees',
    everyMs: DAY_MS,
    // Never run again at once: whatever could be sealed anew was.
    run: () => resealPayees(deps).then(() => 0),
  },
  ...(payouts
    ? [
        { name: 'schedule_payouts', everyMs: 10_000, run: () => schedulePayouts(deps) },
        {
          name: 'send_payouts',
          everyMs: 1_000,
          run: (signal: AbortSignal) => sendDuePayouts({ ...deps, payouts }, signal),
        },
      ]
    : []),
]

/** Looks through the whole ledger until nothing is left there, and then at the last months alone. */
function openJob(deps: Deps): Job {
  let all = true
  return {
    name: 'open_payouts',
    everyMs: 60_000,
    async run() {
      const opened = await openPayouts(deps, { all })
      if (opened === 0) all = false
      return opened
    },
  }
}
