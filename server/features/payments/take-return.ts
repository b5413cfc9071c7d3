import type { PaymentResultView, PaymentState } from '@ihome/contract/schemas/payments'
import type { OrderStatus } from '@ihome/core/orders/lifecycle'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'
import { orderInBrief } from '../orders/order-status.ts'
import { askGateway } from './ask-gateway.ts'
import { type Attempt, findAttempt, findAttemptById } from './attempt-store.ts'
import type { PaymentNeeds } from './payment-needs.ts'
import { listRefundsOfAttempt } from './refund-store.ts'

/**
 * The buyer's browser is back. Its parameters prove a visit, so they only lead to a question, asked at most once in a
 * few seconds per attempt; the answer tells what the database knows afterwards and nothing personal (P9, ALI-15).
 *
 * Says no, in this order, with `input_invalid`, `signature_invalid`, `payment_not_found` and `payment_mismatch`.
 */
export async function takeReturn(needs: PaymentNeeds, body: Uint8Array): Promise<PaymentResultView> {
  const back = needs.provider.parseReturn(body)
  if (back.kind === 'incomplete') {
    throw inputInvalid(...back.missing.map((field) => ({ field, reason: 'is missing or not readable' })))
  }
  if (back.kind === 'forged') {
    needs.log.warn({ reason: back.reason }, 'return_rejected')
    throw new Refusal('signature_invalid')
  }
  const attempt = await findAttempt(needs.db, back.outTradeNo)
  if (!attempt) throw new Refusal('payment_not_found')
  const ours =
    back.appId === attempt.app_id &&
    back.sellerId === attempt.seller_id &&
    back.amountFen === attempt.amount_fen &&
    (attempt.trade_no === null || attempt.trade_no === back.tradeNo)
  if (!ours) {
    needs.log.warn({ out_trade_no: attempt.out_trade_no }, 'return_mismatch')
    throw new Refusal('payment_mismatch')
  }
  if (!isSettled(attempt)) await askGateway(needs, attempt, 'return')
  return resultOf(needs, attempt.id)
}

const isSettled = ({ state }: Attempt): boolean => state === 'SUCCEEDED' || state === 'MISMATCH'

async function resultOf(needs: PaymentNeeds, attemptId: number): Promise<PaymentResultView> {
  const attempt = await findAttemptById(needs.db, attemptId)
  if (!attempt) throw new Refusal('payment_not_found')
  const status = (await orderInBrief(needs.db, attempt.order_id))?.status
  if (!status) throw new Refusal('payment_not_found')
  return {
    order_id: attempt.order_id,
    status,
    payment_state: paymentStateOf(attempt, await goesBack(needs, attempt, status)),
  }
}

const CAN_STILL_PAY: readonly string[] = ['NEW', 'OPEN', 'CLOSING']

/** A paid order that was cancelled gives back by its rule, which may be nothing. */
async function goesBack({ db }: PaymentNeeds, attempt: Attempt, status: OrderStatus): Promise<boolean> {
  if (attempt.disposition !== 'APPLIED' || status !== 'CANCELED') return attempt.disposition === 'SURPLUS'
  return (await listRefundsOfAttempt(db, attempt.id)).some(({ state }) => state !== 'VOID')
}

/** What the buyer should read about the money of this attempt. Unknown is pending, never failed. */
function paymentStateOf(attempt: Pick<Attempt, 'state' | 'disposition'>, goesBack: boolean): PaymentState {
  if (goesBack) return 'refunding'
  if (attempt.disposition === 'APPLIED') return 'paid'
  return CAN_STILL_PAY.includes(attempt.state) ? 'pending' : 'failed'
}
