import type { BookedAttempt, BookedRefund } from '@ihome/core/bills/bill'
import type { Db } from '../../platform/db.ts'
import {
  type AttemptRow,
  listAttemptsPaidBetween,
  listBilledAttempts,
  listBilledRefunds,
  listRefundsDoneBetween,
  listRefundsOutstanding,
  listUnmatchedMoney,
  type RefundRow,
} from './billed-books-store.ts'

export interface BilledBooks {
  readonly attempts: readonly BookedAttempt[]
  readonly refunds: readonly BookedRefund[]
  readonly unmatched: ReadonlyMap<string, number>
  /** Those whose money came, or went back, between the two instants. */
  readonly paidThen: readonly BookedAttempt[]
  readonly refundedThen: readonly BookedRefund[]
  /** Promised before the later instant and not ended. */
  readonly outstanding: readonly BookedRefund[]
}

/**
 * What our books know of the numbers of a provider's bill, and of everything that moved there from `from` until before
 * `to`.
 */
export async function readBilledBooks(
  db: Db,
  {
    provider,
    numbers,
    from,
    to,
  }: { readonly provider: string; readonly numbers: readonly string[]; readonly from: Date; readonly to: Date },
): Promise<BilledBooks> {
  const [paid, refunded, waiting] = [
    await listAttemptsPaidBetween(db, provider, from, to),
    await listRefundsDoneBetween(db, provider, from, to),
    await listRefundsOutstanding(db, provider, to),
  ]
  const named = new Set(numbers)
  for (const { out_trade_no } of [...paid, ...refunded, ...waiting]) named.add(out_trade_no)
  const all = [...named]
  return {
    attempts: (await listBilledAttempts(db, provider, all)).map(attemptOf),
    refunds: (await listBilledRefunds(db, provider, all)).map(refundOf),
    unmatched: await listUnmatchedMoney(db, all),
    paidThen: paid.map(attemptOf),
    refundedThen: refunded.map(refundOf),
    outstanding: waiting.map(refundOf),
  }
}

const attemptOf = (row: AttemptRow): BookedAttempt => ({
  attemptId: row.id,
  orderId: row.order_id,
  outTradeNo: row.out_trade_no,
  tradeNo: row.trade_no,
  amountFen: row.amount_fen,
  receivedFen: row.received_fen,
  expectedFeeFen: row.expected_fee_fen,
  refundable: row.refundable,
  hostCredited: row.host_credited,
})

const refundOf = (row: RefundRow): BookedRefund => ({
  refundId: row.id,
  attemptId: row.attempt_id,
  orderId: row.order_id,
  outTradeNo: row.out_trade_no,
  requestNo: row.out_request_no,
  amountFen: row.amount_fen,
  doneFen: row.done_fen,
  external: row.state === 'EXTERNAL',
})
