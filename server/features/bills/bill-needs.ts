import type { BookedPayout } from '@ihome/core/bills/bill'
import type { Db } from '../../platform/db.ts'
import type { BillSource } from '../payments/bill-source.ts'
import type { PaymentNeeds } from '../payments/payment-needs.ts'

/** Payouts as a bill concerns them; absent where none are made. */
export interface BilledPayouts {
  /** Those with one of these numbers, and those that ended between the two instants. */
  read(
    db: Db,
    wish: { readonly numbers: readonly string[]; readonly from: Date; readonly to: Date },
  ): Promise<{ readonly payouts: readonly BookedPayout[]; readonly endedThen: ReadonlySet<number> }>
  /** Asks the gateway about one and books what it says; false when it did not say anything clear. */
  confirm(outBizNo: string): Promise<boolean>
}

export type BillNeeds = PaymentNeeds & {
  readonly bills: BillSource
  readonly payouts?: BilledPayouts | undefined
}
