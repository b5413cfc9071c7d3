import type { Bed } from '../order-of-events/bed.ts'
import { refundsOf, type State } from './model-state.ts'

/** What became of an order and its money, as one text that does not say when or in how many steps. */
interface Outcome {
  readonly order: readonly unknown[]
  readonly attempts: readonly (readonly unknown[])[]
  readonly refunds: readonly (readonly unknown[])[]
  /** What stands on each account because of this order. */
  readonly accounts: ReadonlyMap<string, number>
}

const lines = (rows: readonly (readonly unknown[])[]) =>
  rows.map((row) => row.map((word) => word ?? '-').join(' ')).sort()

const textOf = ({ order, attempts, refunds, accounts }: Outcome): string =>
  [
    lines([order]),
    lines(attempts),
    lines(refunds),
    [...accounts]
      .filter(([, fen]) => fen !== 0)
      .map(([account, fen]) => `${account} ${fen}`)
      .sort(),
  ]
    .map((part) => part.join(', '))
    .join('; ')

/** The end of every order that the model placed, by its key in the plan. */
export function modelOutcomes(state: State): Map<number, string> {
  const outcomes = new Map<number, string>()
  for (const order of state.orders.values()) {
    const attempts = [...state.attempts.values()].filter((attempt) => attempt.order === order)
    const accounts = new Map<string, number>()
    for (const posting of state.postings.values()) {
      if (posting.order !== order) continue
      for (const { account, amountFen } of posting.entries)
        accounts.set(account, (accounts.get(account) ?? 0) + amountFen)
    }
    const outcome: Outcome = {
      order: [order.status, order.closeReason, order.stay, order.paidAt],
      attempts: attempts.map((a) => [a.state, a.disposition, a.receivedFen, a.refundable]),
      refunds: attempts.flatMap((a) => refundsOf(state, a)).map((r) => [r.reason, r.state, r.amountFen, r.doneFen]),
      accounts,
    }
    outcomes.set(order.key, textOf(outcome))
  }
  return outcomes
}

/** The same of the orders in the database, by their numbers there. */
export async function realOutcomes({ database }: Bed): Promise<Map<number, string>> {
  const { rows: orders } = await database.query<Record<string, string | null> & { paid_at: Date | null }>(
    `select order_id, status, close_reason, s.state as stay, paid_at
     from audit.orders join audit.stays s using (order_id)`,
  )
  const { rows: attempts } = await database.query<Record<string, string | boolean | null>>(
    'select order_id, state, disposition, received_fen, refundable from audit.attempts',
  )
  const { rows: refunds } = await database.query<Record<string, string | null>>(
    'select order_id, reason, state, amount_fen, done_fen from audit.refunds where order_id is not null',
  )
  const { rows: balances } = await database.query<{ order_id: string; account: string; fen: string }>(
    `select t.order_id, e.account, sum(e.amount_fen) as fen from audit.ledger_tx t join audit.ledger_entry e using (tx_id)
     where t.order_id is not null group by t.order_id, e.account`,
  )
  const of = <Row extends { order_id?: unknown }>(rows: readonly Row[]) => {
    const grouped = new Map<unknown, Row[]>()
    for (const row of rows) grouped.set(row.order_id, [...(grouped.get(row.order_id) ?? []), row])
    return grouped
  }
  const [attemptsOf, refundsBy, balancesOf] = [of(attempts), of(refunds), of(balances)]
  return new Map(
    orders.map((order) => [
      Number(order.order_id),
      textOf({
        order: [order.status, order.close_reason, order.stay, order.paid_at?.getTime()],
        attempts: (attemptsOf.get(order.order_id) ?? []).map((a) => [
          a.state,
          a.disposition,
          a.received_fen,
          a.refundable,
        ]),
        refunds: (refundsBy.get(order.order_id) ?? []).map((r) => [r.reason, r.state, r.amount_fen, r.done_fen]),
        accounts: new Map((balancesOf.get(order.order_id) ?? []).map(({ account, fen }) => [account, Number(fen)])),
      }),
    ]),
  )
}
