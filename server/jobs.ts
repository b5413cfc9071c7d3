import { accountJobs } from './features/accounts/account-jobs.ts'
import { findProfile } from './features/accounts/store.ts'
import { billJob } from './features/bills/fetch-day.ts'
import { importsJob } from './features/calendars/sync-imports.ts'
import { pastNightsJob } from './features/houses/drop-past-nights.ts'
import { orderJobs } from './features/orders/order-jobs.ts'
import type { BillSource } from './features/payments/bill-source.ts'
import { orderPayments } from './features/payments/order-payments.ts'
import { paymentJobs } from './features/payments/payment-jobs.ts'
import type { PaymentProvider } from './features/payments/provider.ts'
import { payoutJobs } from './features/payouts/payout-jobs.ts'
import type { PayoutProvider } from './features/payouts/provider.ts'
import { letterCarrierFor } from './features/sms/letter-carrier.ts'
import { letterJobs } from './features/sms/send-letters.ts'
import { carrierFor, outboxJob } from './platform/deliver-outbox.ts'
import type { Deps } from './platform/deps.ts'
import { housekeepingJobs } from './platform/housekeeping.ts'
import type { Job } from './platform/jobs.ts'

/** Everything that happens because time passes. Safe to run on several instances at once. */
export const allJobs = (
  deps: Deps,
  provider: PaymentProvider,
  payouts?: PayoutProvider,
  otherProviders: readonly PaymentProvider[] = [],
  bills?: BillSource,
  onMessageSent?: () => void,
): Job[] => [
  ...orderJobs({ ...deps, payments: orderPayments }),
  ...paymentJobs({ ...deps, provider, otherProviders }),
  ...payoutJobs(deps, payouts),
  ...(bills ? [billJob({ ...deps, provider, otherProviders, bills })] : []),
  ...accountJobs(deps),
  ...letterJobs({ ...deps, carrier: counted(letterCarrierFor(deps.config), onMessageSent) }),
  pastNightsJob(deps),
  importsJob(deps),
  ...housekeepingJobs(deps),
  outboxJob({
    ...deps,
    carrier: counted(carrierFor(deps.config), onMessageSent),
    phoneOf: async (userId) => (await findProfile(deps.db, userId))?.phone,
  }),
]

/** The same carrier, which tells of each message that was taken. */
const counted = <Message extends unknown[]>(
  carry: ((...message: Message) => Promise<void>) | undefined,
  onSent: (() => void) | undefined,
) =>
  carry &&
  (async (...message: Message): Promise<void> => {
    await carry(...message)
    onSent?.()
  })
