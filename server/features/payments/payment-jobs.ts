import type { Job } from '../../platform/jobs.ts'
import { accrueStays } from './accrue-stays.ts'
import { askDueAttempts } from './ask-due-attempts.ts'
import type { PaymentNeeds } from './payment-needs.ts'
import { refundUnmatched } from './refund-unmatched.ts'
import { sendDueRefunds } from './send-refunds.ts'
import { resumeNotices } from './take-notice.ts'

/** The jobs of payments. Safe to run on several instances at once. */
export const paymentJobs = (needs: PaymentNeeds): Job[] => [
  { name: 'ask_due_attempts', everyMs: 1_000, run: (signal) => askDueAttempts(needs, signal) },
  { name: 'send_due_refunds', everyMs: 1_000, run: (signal) => sendDueRefunds(needs, signal) },
  { name: 'resume_notices', everyMs: 30_000, run: () => resumeNotices(needs) },
  { name: 'refund_unmatched', everyMs: 60_000, run: () => refundUnmatched(needs) },
  { name: 'accrue_stays', everyMs: 60_000, run: () => accrueStays(needs) },
]

/** Everything that is due now, until nothing is; gives how much that was. */
export async function runDuePayments(needs: PaymentNeeds): Promise<number> {
  const running = new AbortController()
  let all = 0
  for (;;) {
    let count = 0
    for (const job of paymentJobs(needs)) count += await job.run(running.signal)
    if (count === 0) return all
    all += count
  }
}
