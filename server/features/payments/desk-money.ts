import type { DeskEvent } from '@ihome/contract/schemas/operator-desk'
import type { Deps } from '../../platform/deps.ts'
import { listDeskAttempts, listDeskCasesOfOrder, listDeskFacts, listDeskRefunds } from './desk-money-store.ts'

const words = (...parts: (string | null)[]): string => parts.filter(Boolean).join(' · ')

/** An instant that came, as an event; nothing for one that has not. */
const when = (at: Date | null, event: Omit<DeskEvent, 'at'>): DeskEvent[] =>
  at === null ? [] : [{ at: at.toISOString(), ...event }]

type AttemptRow = Awaited<ReturnType<typeof listDeskAttempts>>[number]
type RefundRow = Awaited<ReturnType<typeof listDeskRefunds>>[number]

/** Every instant of an attempt that is kept, each under the state it brought. */
function attemptEvents(row: AttemptRow): DeskEvent[] {
  const common = { kind: 'attempt', amount: row.amount_fen } as const
  const detail = row.out_trade_no
  return [
    ...when(row.created_at, { ...common, title: 'NEW', detail }),
    ...when(row.opened_at, { ...common, title: 'OPEN', detail }),
    ...when(row.close_sent_at, { ...common, title: 'CLOSING', detail }),
    ...when(row.closed_at, { ...common, title: 'CLOSED', detail }),
    ...when(row.succeeded_at, {
      ...common,
      title: row.state,
      detail: words(detail, row.disposition),
      amount: row.received_fen,
    }),
  ]
}

function refundEvents(row: RefundRow): DeskEvent[] {
  const common = { kind: 'refund', amount: -row.amount_fen } as const
  const detail = words(row.reason, row.out_request_no)
  const open = row.settled_at === null && row.state !== 'RESERVED' && row.state !== 'SENT'
  return [
    ...when(row.created_at, { ...common, title: open && row.sent_at === null ? row.state : 'RESERVED', detail }),
    ...when(row.sent_at, {
      ...common,
      // Of a refund that waits for something only the first send has an instant.
      title: open ? row.state : 'SENT',
      detail: words(detail, row.error),
    }),
    ...when(row.settled_at, { ...common, title: row.state, detail, amount: -row.done_fen }),
  ]
}

/** Everything about an order's money that the payments know: attempts, what the gateway said, refunds, cases. */
export async function moneyEventsOf({ db }: Pick<Deps, 'db'>, orderId: number): Promise<DeskEvent[]> {
  const [attempts, facts, refunds, cases] = await Promise.all([
    listDeskAttempts(db, orderId),
    listDeskFacts(db, orderId),
    listDeskRefunds(db, orderId),
    listDeskCasesOfOrder(db, orderId),
  ])
  return [
    ...attempts.flatMap(attemptEvents),
    ...facts.map(
      (row): DeskEvent => ({
        at: row.received_at.toISOString(),
        kind: 'fact',
        title: row.effect,
        detail: words(row.entrance, row.kind, row.trade_status, row.reject_reason),
        amount: row.amount_fen,
      }),
    ),
    ...refunds.flatMap(refundEvents),
    ...cases.flatMap((row) => {
      const event = { kind: 'case', title: row.kind, detail: words(row.subject, row.note), amount: null } as const
      return [
        ...when(row.opened_at, event),
        ...when(row.closed_at, { ...event, detail: words('✓', row.subject, row.note) }),
      ]
    }),
  ]
}
