import { externalRefund } from '@ihome/core/ledger/postings'
import { toFen } from '@ihome/core/money'
import type { Tx } from '../../platform/db.ts'
import { accountSum, heldFen, post } from '../ledger/post.ts'
import type { FactScene } from './apply-gateway-fact.ts'
import { findAttemptById } from './attempt-store.ts'
import { openCase } from './case-store.ts'
import type { FactOutcome } from './fact-store.ts'
import type { TradeFact } from './provider.ts'
import { insertExternalRefund, listRefundsOfAttempt, type Refund, saveRefund } from './refund-store.ts'

type RefundWord = NonNullable<TradeFact['refund']>
const taken: FactOutcome = { effect: 'refund' }

/**
 * A message tells that money went back. Ours is matched by its number and then asked about, since only the gateway's
 * answer settles it (R5, E22); the rest was done by others and is recorded as EXTERNAL (R11, E30). `later` while a
 * refund of ours is under way, because the running total cannot tell the two apart.
 */
export async function takeRefundFact(scene: FactScene, word: RefundWord): Promise<FactOutcome | 'later'> {
  const { tx, attempt, now } = scene
  const refunds = await listRefundsOfAttempt(tx, attempt.id)
  const own = refunds.find(({ out_request_no }) => word.outRequestNo && out_request_no === word.outRequestNo)
  if (own) {
    await askAboutRefund(tx, own, now)
    return taken
  }
  const settled = refunds.reduce((sum, { done_fen }) => sum + done_fen, 0)
  if (word.totalFen !== undefined && word.totalFen <= settled) return taken
  if (refunds.some(({ state }) => state === 'SENT' || state === 'UNKNOWN')) {
    return scene.entrance === 'notify' ? 'later' : taken
  }
  if (word.totalFen === undefined) {
    await contradict(scene, 'a refund without its amount')
    return taken
  }
  await recordExternal(scene, word, word.totalFen - settled, refunds)
  return taken
}

/** Makes the job ask about a refund that a message says is done. */
export async function askAboutRefund(tx: Tx, refund: Refund, now: Date): Promise<void> {
  if (refund.state === 'SUCCEEDED' || refund.state === 'VOID' || refund.state === 'EXTERNAL') return
  await saveRefund(tx, refund.id, { state: 'UNKNOWN', next_try_at: now })
}

async function recordExternal(
  scene: FactScene,
  word: RefundWord,
  externalFen: number,
  refunds: readonly Refund[],
): Promise<void> {
  const { tx, order, now, factId } = scene
  const attempt = await findAttemptById(tx, scene.attempt.id) // the same fact may just have brought the money
  const promised = refunds.reduce((sum, { state, amount_fen }) => sum + (state === 'VOID' ? 0 : amount_fen), 0)
  if (!attempt || promised + externalFen > attempt.received_fen) {
    await contradict(scene, `${externalFen} went back by others, more than is left`)
    return
  }
  const refundId = await insertExternalRefund(
    tx,
    {
      attempt_id: attempt.id,
      order_id: order.id,
      out_trade_no: attempt.out_trade_no,
      out_request_no: word.outRequestNo ?? null,
      amount_fen: externalFen,
    },
    now,
  )
  await post(tx, {
    businessKey: `refund:${refundId}`,
    event: 'external_refund',
    causes: { orderId: order.id, attemptId: attempt.id, refundId, factId },
    entries: externalRefund(String(order.id), toFen(externalFen), {
      refundPayable: toFen(0 - (await accountSum(tx, 'REFUND_PAYABLE', String(order.id)))),
      guestEscrow: toFen(await heldFen(tx, order.id)),
    }),
    at: now,
  })
  await contradict(scene, `${externalFen} was refunded at the gateway by others`)
}

async function contradict({ tx, attempt, now }: FactScene, note: string): Promise<void> {
  await openCase(tx, { kind: 'contradiction', subject: attempt.out_trade_no, orderId: attempt.order_id, note }, now)
}
