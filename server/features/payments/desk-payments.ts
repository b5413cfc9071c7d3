import type {
  DeskPayment,
  DeskPaymentAsked,
  DeskPaymentQuery,
  DeskPayments,
} from '@ihome/contract/schemas/operator-desk-money'
import type { Deps } from '../../platform/deps.ts'
import { deskList, deskSpan } from '../../platform/desk-page.ts'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'
import { type DeskWish, reasonOf } from '../operators/reason.ts'
import { recordAction } from '../operators/record-action.ts'
import { OVERDUE_MS } from './ask-due-attempts.ts'
import { askGateway } from './ask-gateway.ts'
import { findAttempt } from './attempt-store.ts'
import { countDeskPayments, listDeskPayments, PAYMENT_KEYS, readMoneyAlarms, sumRefunded } from './desk-money-store.ts'
import type { PaymentNeeds } from './payment-needs.ts'

type Row = Awaited<ReturnType<typeof listDeskPayments>>[number]

const STATES: readonly string[] = ['NEW', 'OPEN', 'CLOSING', 'CLOSED', 'SUCCEEDED', 'MISMATCH']
const overdueBefore = (now: Date): Date => new Date(now.getTime() - OVERDUE_MS)

const viewOf = ({ amount_fen, last_at, next_query_at, time_expire, created_at, ...row }: Row): DeskPayment => ({
  ...row,
  amount: amount_fen,
  last_at: last_at?.toISOString() ?? null,
  next_query_at: next_query_at?.toISOString() ?? null,
  time_expire: time_expire.toISOString(),
  created_at: created_at.toISOString(),
})

/** Payment attempts by order, our number or the gateway's, and state, with what the gateway said last. */
export async function listPaymentsForDesk(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  filter: DeskPaymentQuery,
): Promise<DeskPayments> {
  if (filter.state !== undefined && !STATES.includes(filter.state)) {
    throw inputInvalid({ field: 'state', reason: `one of ${STATES.join(', ')}` })
  }
  const span = deskSpan(filter, PAYMENT_KEYS)
  const before = overdueBefore(clock.now())
  const [total, rows] = await Promise.all([
    countDeskPayments(db, filter, before),
    listDeskPayments(db, filter, before, span),
  ])
  return deskList(rows.map(viewOf), total, span.page, span.take)
}

/**
 * Asks the gateway about one attempt now, whatever its state; the answer goes through the one function by the entrance
 * `manual`. Who asked and why is written down first. Says no with `not_found`.
 */
export async function askForDesk(
  needs: PaymentNeeds,
  wish: DeskWish & { readonly outTradeNo: string },
): Promise<DeskPaymentAsked> {
  const reason = reasonOf(wish.reason)
  const attempt = await findAttempt(needs.db, wish.outTradeNo)
  if (!attempt) throw new Refusal('not_found')
  await needs.transact((tx) =>
    recordAction(tx, {
      operatorId: wish.operatorId,
      at: needs.clock.now(),
      kind: 'payment_queried',
      subject: `payment:${attempt.out_trade_no}`,
      reason,
    }),
  )
  const answer = await askGateway(needs, attempt, 'manual')
  const { rows } = await listPaymentsForDesk(needs, { q: attempt.out_trade_no })
  const [row] = rows
  if (!row) throw new Refusal('not_found')
  return { ...row, asked: answer !== undefined }
}

/** What must be, or return to, nothing; with the filters of the pages that show it. */
export const moneyAlarms = ({ db, clock }: Pick<Deps, 'db' | 'clock'>) => {
  const now = clock.now()
  return readMoneyAlarms(db, now, overdueBefore(now))
}

/** What reached buyers again between two instants. */
export const refundedOn = ({ db }: Pick<Deps, 'db'>, span: { readonly from: Date; readonly until: Date }) =>
  sumRefunded(db, span)
