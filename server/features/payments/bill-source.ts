import type { AccountLine, TradeLine } from '@ihome/core/bills/bill'
import type { CivilDate } from '@ihome/core/calendar'

/** `trade`: payments and refunds with their fees. `account`: every movement of our account, with its balance. */
export type BillKind = 'trade' | 'account'

export type BillLinesOf<Kind extends BillKind> = readonly (Kind extends 'trade' ? TradeLine : AccountLine)[]

/** What a day's bill is, or why it is not here. A bill is unsigned: it says where to look, not what happened. */
export type BillAnswer<Kind extends BillKind> =
  /** `sha256` is of the bytes that came; null where the gateway says that the day has no rows and gives no file. */
  | { readonly kind: 'bill'; readonly lines: BillLinesOf<Kind>; readonly sha256: string | null }
  /** Not yet made, or asked too often: later. */
  | { readonly kind: 'later'; readonly code: string }
  /** This merchant has no bills of this kind. */
  | { readonly kind: 'absent'; readonly code: string }
  /** Something is wrong with the answer or the file; asking again may help, and somebody should know. */
  | { readonly kind: 'failed'; readonly reason: string }

export interface BillSource {
  downloadBill<Kind extends BillKind>(kind: Kind, day: CivilDate): Promise<BillAnswer<Kind>>
}

/** A shop without a source of bills: asking by hand says so, and no job asks. */
export const NO_BILLS: BillSource = {
  downloadBill: async () => ({ kind: 'failed', reason: 'no_source' }),
}
