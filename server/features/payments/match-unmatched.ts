import type { Tx } from '../../platform/db.ts'
import { Refusal } from '../../platform/refusal.ts'
import { lockOrder } from '../orders/order-lock.ts'
import { answerId } from './answer-id.ts'
import { applyGatewayFact } from './apply-gateway-fact.ts'
import { findAttempt, findLiveAttempt, insertAttempt } from './attempt-store.ts'
import type { FactEffect } from './fact-store.ts'
import { type PaymentNeeds, providersOf } from './payment-needs.ts'
import type { Answer, PaymentProvider, TradeFact } from './provider.ts'
import { leaveToAttempt } from './refund-unmatched.ts'

type Paid = Extract<Answer<TradeFact>, { readonly kind: 'fact' }>

/** The gateway's own word that this number was paid; a person's belief moves no money. */
async function paidAt(
  needs: PaymentNeeds,
  outTradeNo: string,
): Promise<{ readonly provider: PaymentProvider; readonly answer: Paid }> {
  for (const provider of providersOf(needs)) {
    const answer = await provider.query(outTradeNo)
    if (answer.kind === 'unknown') throw new Refusal('gateway_unavailable')
    if (answer.kind === 'fact' && answer.fact.money === 'paid') return { provider, answer }
  }
  throw new Refusal('payment_not_found')
}

/**
 * Gives money whose number nobody knew to the order it was meant for (promises E18): the number becomes an attempt of
 * that order, SUSPENSE is cleared by a reversal, and what the gateway says then has its effect through the one function
 * as for every other attempt. It buys the nights if they are still held, and goes back in full if not.
 *
 * `alongside` runs in the same transaction, with the case locked before; it may refuse. Says no with
 * `payment_not_found` when the gateway knows of no money, `gateway_unavailable`, `order_not_found`, and `step_refused`
 * while the order has another attempt that could take money.
 */
export async function matchUnmatched(
  needs: PaymentNeeds,
  { outTradeNo, orderId }: { readonly outTradeNo: string; readonly orderId: number },
  alongside: (tx: Tx) => Promise<void>,
): Promise<FactEffect> {
  const { provider, answer } = await paidAt(needs, outTradeNo)
  const now = needs.clock.now()
  await needs.transact(async (tx) => {
    await alongside(tx)
    const order = await lockOrder(tx, orderId)
    if (!order) throw new Refusal('order_not_found')
    const known = await findAttempt(tx, outTradeNo)
    if (known && known.order_id !== orderId) throw new Refusal('step_refused')
    if (!known && (await findLiveAttempt(tx, orderId))) throw new Refusal('step_refused')
    const attempt =
      known ??
      (await insertAttempt(tx, {
        order_id: orderId,
        provider: provider.name,
        out_trade_no: outTradeNo,
        amount_fen: order.amount_fen,
        app_id: provider.appId,
        seller_id: provider.sellerId,
        subject: outTradeNo,
        // It has been paid: nothing more can come, so its time is over.
        time_expire: order.pay_by && order.pay_by < now ? order.pay_by : now,
        next_query_at: now,
        created_at: now,
      }))
    await leaveToAttempt(tx, attempt, now)
  })
  const { effect } = await applyGatewayFact(needs, {
    entrance: 'manual',
    noticeId: answerId(needs),
    outTradeNo,
    says: { kind: 'trade', fact: answer.fact },
    raw: answer.raw,
  })
  return effect
}
