import { externalRefund, type RefundSources } from '@ihome/core/ledger/postings'
import { toFen } from '@ihome/core/money'
import { checkInAt } from '@ihome/core/orders/steps'
import type { Tx } from '../../platform/db.ts'
import { post } from '../ledger/post.ts'
import { moveOrder } from '../orders/move-order.ts'
import { lockOrder } from '../orders/order-lock.ts'
import type { FactScene } from './apply-gateway-fact.ts'
import { findAttemptById } from './attempt-store.ts'
import { openCase } from './case-store.ts'
import type { FactOutcome } from './fact-store.ts'
import type { TradeFact } from './provider.ts'
import { tellPeopleOfRefund } from './refund-messages.ts'
import { refundSources, unpromisedFen } from './refund-sources.ts'
import { insertExternalRefund, listRefundsOfAttempt, type Refund, saveRefund, voidRefund } from './refund-store.ts'

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
  if (word.partFen !== undefined) {
    // A number that is none of ours with an amount of its own: no running total is needed to tell it apart.
    await recordExternal(scene, word, word.partFen, refunds)
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
  const replaced =
    attempt && promised + externalFen > attempt.received_fen ? replacedBy(externalFen, refunds) : undefined
  const standing = promised - (replaced?.amount_fen ?? 0)
  if (!attempt || standing + externalFen > attempt.received_fen) {
    await contradict(scene, `${externalFen} went back by others, more than is left`)
    return
  }
  if (replaced) await voidRefund(tx, replaced, now)
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
    entries: externalRefund(String(order.id), String(order.host_id), toFen(externalFen), {
      ...(attempt.disposition === 'APPLIED' ? await refundSources(tx, order) : NO_SOURCES),
      refundPayable: toFen(await unpromisedFen(tx, order.id)),
    }),
    at: now,
  })
  const isAll = attempt.disposition === 'APPLIED' && standing + externalFen === attempt.received_fen
  if (isAll) await endUnstayed(scene)
  await tellPeopleOfRefund(tx, order.id, { refundId, amountFen: externalFen, people: ['guest', 'host'] }, now)
  await contradict(scene, `${externalFen} was refunded at the gateway by others`)
}

const NO_SOURCES: RefundSources = {
  guestEscrow: toFen(0),
  earned: { gross: toFen(0), platformFee: toFen(0), gatewayFee: toFen(0), net: toFen(0) },
  hostPayable: toFen(0),
}

/** Our own refund that nobody could send and that somebody has made in the console instead. */
const replacedBy = (externalFen: number, refunds: readonly Refund[]): Refund | undefined =>
  refunds.find(
    ({ state, amount_fen }) => amount_fen === externalFen && ['RESERVED', 'WAIT_FUNDS', 'MANUAL'].includes(state),
  )

/** Nothing is left of the money for a stay that has not begun: the order ends and its nights are free (E30). */
async function endUnstayed({ tx, order: { id }, now, moves }: FactScene): Promise<void> {
  const order = await lockOrder(tx, id) // the same fact may just have moved it
  if (order?.status !== 'PAID' || now >= checkInAt(order)) return
  const move = { step: 'cancel', closeReason: 'system', note: 'refunded_at_gateway' } as const
  moves.push(await moveOrder(tx, order, move, { actor: 'gateway' }, now))
}

async function contradict({ tx, attempt, now }: FactScene, note: string): Promise<void> {
  await openCase(tx, { kind: 'contradiction', subject: attempt.out_trade_no, orderId: attempt.order_id, note }, now)
}
