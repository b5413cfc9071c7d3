import type { DeskEvent } from '@ihome/contract/schemas/operator-desk'
import type { Deps } from '../../platform/deps.ts'
import { listPostingsOfOrder } from './order-postings-store.ts'

/** What was booked for an order, entry by entry; debit positive. */
export const postingEventsOf = async ({ db }: Pick<Deps, 'db'>, orderId: number): Promise<DeskEvent[]> =>
  (await listPostingsOfOrder(db, orderId)).map(({ event, posted_at, account, amount_fen }) => ({
    at: posted_at.toISOString(),
    kind: 'posting',
    title: account,
    detail: event,
    amount: amount_fen,
  }))
