import type { CivilDate } from '@ihome/core/calendar'
import type { CancelPolicy } from '@ihome/core/orders/cancel-rule'

/** How the story of an order ends, or where it stands. */
export type Outcome =
  | { readonly kind: 'waits_for_host' | 'waits_for_payment' | 'closing' | 'paid' | 'waits_for_comment' }
  | { readonly kind: 'complete'; readonly comment: string | undefined }
  | { readonly kind: 'rejected'; readonly reason: string }
  /** The host did not answer in time. */
  | { readonly kind: 'unanswered' }
  /** Cancelled by the guest before the host answered. */
  | { readonly kind: 'withdrawn'; readonly note: string }
  /** Accepted and never paid; with a cashier that was opened, or without. */
  | { readonly kind: 'unpaid'; readonly cashierOpened: boolean }
  /** Cancelled by the host while the guest had not paid. */
  | { readonly kind: 'called_off_by_host'; readonly note: string }
  /** Cancelled by the guest after paying; a share of the amount went back. */
  | { readonly kind: 'refunded'; readonly note: string }
  /** The money came when the order was gone, and went back in full. */
  | { readonly kind: 'paid_too_late' }

export interface PlannedHouse {
  readonly id: number
  readonly hostId: number
  readonly title: string
  readonly priceFen: number
  readonly capacity: number
  readonly policy: CancelPolicy
  readonly createdAt: Date
}

export interface OrderPlan {
  readonly house: PlannedHouse
  readonly guestId: number
  readonly start: CivilDate
  readonly end: CivilDate
  readonly guestCount: number
  readonly outcome: Outcome
  readonly createdAt: Date
  /** When the host answers; unused where nobody does. */
  readonly answeredAt: Date
  /** When money comes, or would have to. */
  readonly paidAt: Date
  /** When the comment is written, or the order completes without one. */
  readonly completedAt: Date
}

/** Whether its nights are taken from others. */
export const holdsNights = ({ kind }: Outcome): boolean =>
  ['waits_for_host', 'waits_for_payment', 'closing', 'paid', 'waits_for_comment', 'complete'].includes(kind)

export const isUnpaid = ({ kind }: Outcome): boolean =>
  kind === 'waits_for_host' || kind === 'waits_for_payment' || kind === 'closing'
