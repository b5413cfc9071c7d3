import { externalRefund, type RefundSources } from '@ihome/core/ledger/postings'
import { toFen } from '@ihome/core/money'
import { checkInAt } from '@ihome/core/orders/steps'
import type { Tx } from '../../platform/db.ts'
import { post } from '../ledger/post.ts'
import { moveOrder } from '../orders/move-order.ts'
import { lockOrder } from '../orders/order-lock.ts'
import type { FactScene } from './apply-gateway-fact.ts'
import { findAttemptById } from './attempt-store.ts'
import { closeCase, openCase } from './case-store.ts'
import type { FactOutcome } from './fact-store.ts'
import { newOutRequestNo } from './out-trade-no.ts'
import type { TradeFact } from './provider.ts'
import { tellPeopleOfRefund } from './refund-messages.ts'
import { refundSources, unpromisedFen } from './refund-sources.ts'
import {
  insertExternalRefund,
  listRefundsOfAttempt,
  type Refund,
  type RefundReason,
  type RefundState,
  reserveRefund,
  saveRefund,
  voidRefund,
} from './refund-store.ts'

type RefundWord = NonNullable<TradeFact['refund']>
const taken: FactOutcome = { effect: 'refund' }

/**
 * A message tells that money went back. Ours is matched by its number and then asked about, since only the gateway's
 * answer settles it (R5, E22); the rest was done by others and is recorded as EXTERNAL (R11, E30). `later` while a
 * refund of ours is under way, because only its end tells what of the money is left.
 */
export async function takeRefundFact(scene: FactScene, word: RefundWord): Promise<FactOutcome | 'later'> {
  const { tx, attempt, now } = scene
  const refunds = await listRefundsOfAttempt(tx, attempt.id)
  const own = refunds.find(({ out_request_no }) => word.outRequestNo && out_request_no === word.outRequestNo)
  if (own) {
    await askAboutRefund(tx, own, now)
    return taken
  }
  // A number that is none of ours with an amount of its own: no running total is needed to tell it apart.
  if (word.partFen !== undefined) return recordExternal(scene, word, word.partFen, refunds)
  const settled = settledFen(refunds)
  if (word.totalFen !== undefined && word.totalFen <= settled) return taken
  if (refunds.some(isUnderWay)) return scene.entrance === 'notify' ? 'later' : taken
  if (word.totalFen === undefined) {
    await contradict(scene, 'a refund without its amount')
    return taken
  }
  return recordExternal(scene, word, word.totalFen - settled, refunds)
}

const settledFen = (refunds: readonly Refund[]): number => refunds.reduce((sum, { done_fen }) => sum + done_fen, 0)

const isUnderWay = ({ state }: Refund): boolean => state === 'SENT' || state === 'UNKNOWN'

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
): Promise<FactOutcome | 'later'> {
  const { tx, order, now, factId } = scene
  const attempt = await findAttemptById(tx, scene.attempt.id) // the same fact may just have brought the money
  const receivedFen = attempt?.received_fen ?? 0
  // Without a number it was told by an answer of ours before, which says how much went back and not by which refunds.
  const isKnown = refunds.some(({ state, out_request_no }) => state === 'EXTERNAL' && out_request_no === null)
  if (isKnown && settledFen(refunds) + externalFen > receivedFen) return taken
  const promised = refunds.reduce((sum, { state, amount_fen }) => sum + (state === 'VOID' ? 0 : amount_fen), 0)
  const replaced = promised + externalFen > receivedFen ? replacedBy(externalFen, refunds) : []
  const replacedFen = replaced.reduce((sum, { amount_fen }) => sum + amount_fen, 0)
  const standing = promised - replacedFen
  if (!attempt || standing + externalFen > receivedFen) {
    const mayBecomeClear = receivedFen === 0 || refunds.some(isUnderWay)
    if (scene.entrance === 'notify' && mayBecomeClear) return 'later'
    await contradict(scene, `${externalFen} went back by others, more than is left`)
    return taken
  }
  for (const refund of replaced) {
    await voidRefund(tx, refund, now)
    await closeCase(tx, 'refund_manual', refund.out_request_no ?? '', now)
  }
  if (replacedFen > externalFen) await promiseRest(scene, replaced, replacedFen - externalFen)
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
  const isAll = attempt.disposition === 'APPLIED' && standing + Math.max(externalFen, replacedFen) === receivedFen
  if (isAll) await endUnstayed(scene)
  await tellPeopleOfRefund(tx, order.id, { refundId, amountFen: externalFen, people: ['guest', 'host'] }, now)
  await contradict(scene, `${externalFen} was refunded at the gateway by others`)
  return taken
}

/** What others did not give back of the refunds in whose place theirs stands is still owed, under a number of its own. */
async function promiseRest(
  { tx, attempt, order, now, needs }: FactScene,
  replaced: readonly Refund[],
  restFen: number,
): Promise<void> {
  const [first] = replaced
  if (!first) return
  await reserveRefund(tx, {
    attempt_id: attempt.id,
    order_id: order.id,
    out_trade_no: attempt.out_trade_no,
    out_request_no: newOutRequestNo(needs.config.publicOrigin, needs.random, now),
    amount_fen: restFen,
    reason: first.reason as RefundReason,
    note: first.note ?? undefined,
    created_at: now,
  })
}

const NO_SOURCES: RefundSources = {
  guestEscrow: toFen(0),
  earned: { gross: toFen(0), platformFee: toFen(0), gatewayFee: toFen(0), net: toFen(0) },
  hostPayable: toFen(0),
}

/**
 * Our own refunds that have not moved at the gateway, and in whose place somebody has refunded in the console: the one of
 * that amount, else as many as the amount reaches into, those that wait for a person first.
 */
function replacedBy(externalFen: number, refunds: readonly Refund[]): Refund[] {
  const unmoved = UNMOVED.flatMap((wanted) => refunds.filter(({ state }) => state === wanted))
  const same = unmoved.find(({ amount_fen }) => amount_fen === externalFen)
  if (same) return [same]
  const chosen: Refund[] = []
  for (const refund of unmoved) {
    if (chosen.reduce((sum, { amount_fen }) => sum + amount_fen, 0) < externalFen) chosen.push(refund)
  }
  return chosen
}

const UNMOVED: readonly RefundState[] = ['MANUAL', 'WAIT_FUNDS', 'RESERVED']

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
