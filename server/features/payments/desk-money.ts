import type { DeskEvent } from '@ihome/contract/schemas/operator-desk'
import type { Deps } from '../../platform/deps.ts'
import { listDeskAttempts, listDeskFacts, listDeskRefunds } from './desk-money-store.ts'

const words = (...parts: (string | null)[]): string => parts.filter(Boolean).join(' · ')

/** Everything about an order's money that the payments know: attempts, what the gateway said, refunds. */
export async function moneyEventsOf({ db }: Pick<Deps, 'db'>, orderId: number): Promise<DeskEvent[]> {
  const [attempts, facts, refunds] = await Promise.all([
    listDeskAttempts(db, orderId),
    listDeskFacts(db, orderId),
    listDeskRefunds(db, orderId),
  ])
  return [
    ...attempts.map(
      (row): DeskEvent => ({
        at: row.created_at.toISOString(),
        kind: 'attempt',
        title: row.state,
        detail: words(row.out_trade_no, row.disposition),
        amount: row.amount_fen,
      }),
    ),
    ...facts.map(
      (row): DeskEvent => ({
        at: row.received_at.toISOString(),
        kind: 'fact',
        title: row.effect,
        detail: words(row.entrance, row.kind, row.trade_status, row.reject_reason),
        amount: row.amount_fen,
      }),
    ),
    ...refunds.map(
      (row): DeskEvent => ({
        at: row.created_at.toISOString(),
        kind: 'refund',
        title: row.state,
        detail: words(row.reason, row.out_request_no, row.error),
        amount: -row.amount_fen,
      }),
    ),
  ]
}
