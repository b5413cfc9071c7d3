import { gatewayFee } from '@ihome/core/ledger/postings'
import { toFen } from '@ihome/core/money'
import type { Tx } from '../../platform/db.ts'
import { type Causes, post } from '../ledger/post.ts'
import { findFactOf, saveBilledFee } from './billed-books-store.ts'

export interface FeeToBook {
  readonly kind: 'fee' | 'fee_back'
  readonly feeFen: number
  readonly tradeNo: string
  readonly outTradeNo: string
  readonly requestNo: string | null
  readonly attemptId: number | null
}

/**
 * Books what a bill says the gateway kept, or gave back with a refund. One trade has one fee, and one refund one return
 * of it, however often the bill is read: the key is the trade's number. Gives whether it was booked now; false also
 * for money that is not in our books yet, since its fee cannot stand there alone.
 */
export async function bookFee(tx: Tx, fee: FeeToBook, now: Date): Promise<boolean> {
  const causes = await causesOf(tx, fee)
  if (!causes) return false
  const entries = gatewayFee(toFen(fee.feeFen))
  const posted = await post(tx, {
    businessKey: fee.kind === 'fee' ? `fee:${fee.tradeNo}` : `fee_back:${fee.tradeNo}:${fee.requestNo ?? ''}`,
    event: 'gateway_fee',
    causes,
    entries: fee.kind === 'fee' ? entries : entries.map((entry) => ({ ...entry, amountFen: 0 - entry.amountFen })),
    at: now,
  })
  if (posted === undefined) return false
  if (fee.kind === 'fee' && fee.attemptId !== null) await saveBilledFee(tx, fee.attemptId, fee.feeFen)
  return true
}

async function causesOf(tx: Tx, { attemptId, outTradeNo }: FeeToBook): Promise<Causes | undefined> {
  if (attemptId !== null) return { attemptId }
  const fact = await findFactOf(tx, outTradeNo)
  return fact && { factId: fact.id }
}
