import type { DeskCase } from '@ihome/contract/schemas/operator-desk-money'

const BILL_KINDS: readonly string[] = ['bill_late', 'bill_difference']

/** Where the thing is that a case is about: its order, the bill of its day, or what has a number of the gateway's. */
export function caseLink({ kind, subject, order_id }: Pick<DeskCase, 'kind' | 'subject' | 'order_id'>): string {
  if (BILL_KINDS.includes(kind)) return `/operator/bills/${encodeURIComponent(subject)}`
  return order_id === null ? `/operator/payments?q=${encodeURIComponent(subject)}` : `/operator/orders/${order_id}`
}
