import type { BillSource } from '../payments/bill-source.ts'
import type { PaymentNeeds } from '../payments/payment-needs.ts'

/** What every use case of bills is handed. `provider` is the one whose bills `bills` brings. */
export type BillNeeds = PaymentNeeds & { readonly bills: BillSource }
