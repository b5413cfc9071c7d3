import { payApplied, paySurplus, paySuspense, suspenseToRefund } from '@ihome/core/ledger/postings'
import { shareOf, toFen } from '@ihome/core/money'
import { decidePaid } from '@ihome/core/payments/decide'
import { putMessage } from '../../platform/outbox.ts'
import { post } from '../ledger/post.ts'
import { moveOrder } from '../orders/move-order.ts'
import { NOTICE } from '../orders/order-messages.ts'
import type { FactScene } from './apply-gateway-fact.ts'
import { saveAttempt } from './attempt-store.ts'
import { openCase } from './case-store.ts'
import { type FactOutcome, wasAmountTold } from './fact-store.ts'
import { newOutRequestNo } from './out-trade-no.ts'
import { feeRates } from './payment-needs.ts'
import type { TradeFact } from './provider.ts'
import { reserveRefund } from './refund-store.ts'
import { GATEWAY, settleIfEnded, takeSilence } from './take-end.ts'

/** A fact proves that money came for this attempt. Core says what that means; here it is written down. */
export async function takeMoney(scene: FactScene, fact: TradeFact): Promise<FactOutcome> {
  const { tx, attempt, order } = scene
  const outcome = await takePaid(scene, fact)
  if (fact.finished) await saveAttempt(tx, attempt.id, { refundable: false }) // E24, in whatever order it comes
  if (order.status === 'CLOSING' && outcome.effect !== 'mismatch') await settleIfEnded(scene)
  return outcome
}

async function takePaid(scene: FactScene, fact: TradeFact): Promise<FactOutcome> {
  const { attempt, order } = scene
  const receivedFen = fact.amountFen ?? 0
  const decision = decidePaid({
    attempt: { state: attempt.state, amountFen: attempt.amount_fen },
    order: {
      status: order.status,
      closeReason: order.close_reason ?? undefined,
      stayHeld: order.stay_state === 'held',
    },
    receivedFen,
  })
  switch (decision) {
    case 'nothing':
      // The question has its answer: left open it would be asked again every few seconds for ever.
      if (scene.entrance !== 'notify')
        await saveAttempt(scene.tx, attempt.id, { next_query_at: null, lease_until: null })
      return { effect: 'none' }
    case 'mismatch':
      return takeWrongAmount(scene, fact, receivedFen)
    case 'apply':
      return applyMoney(scene, fact)
    case 'surplus':
    case 'surplus_and_settle':
      return sendBack(scene, fact)
  }
}

const settled = { lease_until: null, next_query_at: null } as const

async function applyMoney(scene: FactScene, fact: TradeFact): Promise<FactOutcome> {
  const { tx, attempt, order, now, factId, needs } = scene
  const amount = toFen(attempt.amount_fen)
  const tradeNo = tradeNoOf(fact)
  await saveAttempt(tx, attempt.id, {
    ...settled,
    state: 'SUCCEEDED',
    disposition: 'APPLIED',
    trade_no: tradeNo,
    received_fen: amount,
    expected_fee_fen: shareOf(amount, feeRates(needs.config).gateway),
    succeeded_at: now,
  })
  scene.moves.push(await moveOrder(tx, order, { step: 'pay', tradeNo }, GATEWAY, now))
  await post(tx, {
    businessKey: `pay:${attempt.id}`,
    event: 'pay_applied',
    causes: { orderId: order.id, attemptId: attempt.id, factId },
    entries: payApplied(String(order.id), amount),
    at: now,
  })
  return { effect: 'applied' }
}

/** Money that buys nothing: booked as owed to the buyer and promised back in the same transaction (E03, E05-E08). */
async function sendBack(scene: FactScene, fact: TradeFact): Promise<FactOutcome> {
  const { tx, attempt, order, now, factId, needs } = scene
  const amount = toFen(attempt.amount_fen)
  await saveAttempt(tx, attempt.id, {
    ...settled,
    state: 'SUCCEEDED',
    disposition: 'SURPLUS',
    trade_no: tradeNoOf(fact),
    received_fen: amount,
    expected_fee_fen: shareOf(amount, feeRates(needs.config).gateway),
    succeeded_at: now,
  })
  await promiseBack(scene, amount, 'surplus')
  await post(tx, {
    businessKey: `pay:${attempt.id}`,
    event: 'pay_surplus',
    causes: { orderId: order.id, attemptId: attempt.id, factId },
    entries: paySurplus(String(order.id), amount),
    at: now,
  })
  return { effect: 'surplus' }
}

/** Later than two looks that come together, so that the second word is a second answer. */
const CONFIRM_AFTER_MS = 10_000

/**
 * One message with another amount is not believed alone, not even an answer to our question: booked wrongly it could
 * never be sent back. It opens a case and a question. What the gateway then says again is what was received, and all
 * of it goes back (E17).
 */
async function takeWrongAmount(scene: FactScene, fact: TradeFact, receivedFen: number): Promise<FactOutcome> {
  const { tx, attempt, order, now, factId, needs } = scene
  const note = `asked ${attempt.amount_fen}, told ${receivedFen}`
  await openCase(tx, { kind: 'mismatch', subject: attempt.out_trade_no, orderId: order.id, note }, now)
  if (scene.entrance === 'notify') {
    await saveAttempt(tx, attempt.id, { lease_until: null, next_query_at: now })
    return { effect: 'mismatch' }
  }
  if (!(await wasAmountTold(tx, attempt.id, receivedFen, factId))) {
    const again = new Date(now.getTime() + CONFIRM_AFTER_MS)
    await saveAttempt(tx, attempt.id, { lease_until: null, next_query_at: again })
    return { effect: 'mismatch' }
  }
  if (receivedFen === 0) {
    await takeSilence(scene, 'unknown') // paid, but nothing: a person has to look
    return { effect: 'mismatch' }
  }
  const amount = toFen(receivedFen)
  await saveAttempt(tx, attempt.id, {
    ...settled,
    state: 'MISMATCH',
    disposition: 'SURPLUS',
    trade_no: tradeNoOf(fact),
    received_fen: amount,
    expected_fee_fen: shareOf(amount, feeRates(needs.config).gateway),
    succeeded_at: now,
  })
  await promiseBack(scene, amount, 'mismatch')
  const causes = { orderId: order.id, attemptId: attempt.id, factId }
  const no = attempt.out_trade_no
  await post(tx, {
    businessKey: `pay:${attempt.id}`,
    event: 'pay_suspense',
    causes,
    entries: paySuspense(no, amount),
    at: now,
  })
  await post(tx, {
    businessKey: `suspense:${attempt.id}`,
    event: 'suspense_to_refund',
    causes,
    entries: suspenseToRefund(no, String(order.id), amount),
    at: now,
  })
  await settleIfEnded(scene)
  return { effect: 'mismatch' }
}

async function promiseBack(scene: FactScene, amountFen: number, reason: 'surplus' | 'mismatch'): Promise<void> {
  const { tx, attempt, order, now, needs } = scene
  await reserveRefund(tx, {
    attempt_id: attempt.id,
    order_id: order.id,
    out_trade_no: attempt.out_trade_no,
    out_request_no: newOutRequestNo(needs.config.publicOrigin, needs.random, now),
    amount_fen: amountFen,
    reason,
    created_at: now,
  })
  await putMessage(tx, {
    topic: NOTICE,
    dedupeKey: `money_back:${attempt.id}:guest`,
    orderId: order.id,
    payload: {
      news: 'money_back',
      order_id: order.id,
      house_id: order.house_id,
      user_id: order.guest_id,
      amount_fen: amountFen,
    },
    createdAt: now,
    dueAt: now,
  })
}

function tradeNoOf(fact: TradeFact): string {
  if (fact.tradeNo === undefined) throw new Error(`a payment of ${fact.outTradeNo} without the number of its trade`)
  return fact.tradeNo
}
