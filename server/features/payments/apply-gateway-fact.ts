import type { FactKind } from '@ihome/core/payments/decide'
import type { Tx } from '../../platform/db.ts'
import type { MovedOrder } from '../orders/move-order.ts'
import { type LockedOrder, lockOrder } from '../orders/order-lock.ts'
import { announceMove } from '../orders/order-messages.ts'
import { withRefundPart } from './ask-refund-part.ts'
import { type Attempt, findAttempt, lockAttempt, ownsTradeNo } from './attempt-store.ts'
import { openCase } from './case-store.ts'
import { type Entrance, type FactEffect, type FactOutcome, lockFact, saveOutcome, storeFact } from './fact-store.ts'
import type { PaymentNeeds } from './payment-needs.ts'
import type { TradeFact } from './provider.ts'
import { takeClosed, takeNotExist, takeSilence } from './take-end.ts'
import { takeMoney } from './take-money.ts'
import { takeRefundFact } from './take-refund-fact.ts'
import { takeUnmatched } from './take-unmatched.ts'

/** What a genuine message, or the silence after our question, says. */
export type Says =
  | { readonly kind: 'trade'; readonly fact: TradeFact }
  | { readonly kind: 'closed' }
  | { readonly kind: 'not_exist' }
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'misconfigured'; readonly code: string }

export interface IncomingFact {
  readonly entrance: Entrance
  readonly noticeId: string
  readonly outTradeNo: string
  readonly says: Says
  /** Whom the message was for; an answer to our own question carries neither. */
  readonly appId?: string
  readonly sellerId?: string
  /** Which provider sent it; needed of a message, whose money may fit no attempt that would say. */
  readonly provider?: string
  readonly raw: Uint8Array | string
}

/** A fact with everything it touches locked: house, order, attempt. */
export interface FactScene {
  readonly needs: PaymentNeeds
  readonly tx: Tx
  readonly now: Date
  readonly factId: number
  readonly entrance: Entrance
  readonly order: LockedOrder
  readonly attempt: Attempt
  /** Moves of the order, announced after the commit. */
  readonly moves: MovedOrder[]
}

export interface FactResult {
  readonly effect: FactEffect
  /** True when this very fact had its effect before. */
  readonly repeated: boolean
}

/**
 * The one function behind notification, browser return, poller and manual query. Keeps the fact, then, in one
 * transaction under the locks of house, order and attempt, does what the money and the order's state ask for
 * (promises 5). Whoever brings the same fact again, or another one that says the same, changes nothing.
 */
export async function applyGatewayFact(needs: PaymentNeeds, incoming: IncomingFact): Promise<FactResult> {
  const now = needs.clock.now()
  const trade = incoming.says.kind === 'trade' ? incoming.says.fact : undefined
  const stored = await storeFact(
    needs.db,
    {
      entrance: incoming.entrance,
      noticeId: incoming.noticeId,
      kind: kindOf(incoming.says),
      outTradeNo: incoming.outTradeNo,
      tradeNo: trade?.tradeNo,
      tradeStatus: trade?.status,
      appId: incoming.appId,
      sellerId: incoming.sellerId,
      provider: incoming.provider,
      amountFen: trade?.amountFen,
      refundFeeFen: trade?.refund?.totalFen,
      outRequestNo: trade?.refund?.outRequestNo,
      verified: incoming.says.kind !== 'unknown' && incoming.says.kind !== 'misconfigured',
      raw: incoming.raw,
    },
    now,
  )
  if (stored.effect) return { effect: stored.effect, repeated: true }
  return actOnFact(needs, stored.id, incoming, now)
}

/**
 * The second half of {@link applyGatewayFact}: does what a kept fact says, once. One that cannot be told apart before the
 * gateway has answered a question of ours stays undone, for a job to take it up again.
 */
export async function actOnFact(
  needs: PaymentNeeds,
  factId: number,
  told: IncomingFact,
  now: Date,
): Promise<FactResult> {
  const incoming = await withRefundPart(needs, told)
  if (!incoming) return { effect: 'none', repeated: false }
  const moves: MovedOrder[] = []
  const result = await needs.transact(async (tx): Promise<FactResult> => {
    moves.length = 0 // a transaction that lost a race runs again
    const found = await findAttempt(tx, incoming.outTradeNo)
    const order = found && (await lockOrder(tx, found.order_id))
    const attempt = found && (await lockAttempt(tx, found.id))
    const earlier = await lockFact(tx, factId)
    if (earlier) return { effect: earlier, repeated: true }
    const scene = order && attempt && { needs, tx, now, factId, entrance: incoming.entrance, order, attempt, moves }
    const outcome = scene
      ? ((await identityFault(scene, incoming)) ?? (await takeFact(scene, incoming.says)))
      : await takeUnmatched(needs, tx, { factId, now, incoming })
    if (outcome === 'later') return { effect: 'none', repeated: false }
    await saveOutcome(tx, factId, { ...outcome, attemptId: attempt?.id }, now)
    return { effect: outcome.effect, repeated: false }
  })
  for (const moved of moves) announceMove(needs.events, moved)
  return result
}

const kindOf = (says: Says): FactKind => {
  if (says.kind === 'trade') return says.fact.refund ? 'refund' : says.fact.money
  return says.kind === 'misconfigured' ? 'unknown' : says.kind
}

const refused = (rejectReason: string): FactOutcome => ({ effect: 'rejected', rejectReason })

/** A right signature is not enough: it must be our app's, our account's, and this attempt's only trade (P13, P14). */
async function identityFault(scene: FactScene, incoming: IncomingFact): Promise<FactOutcome | undefined> {
  const { attempt, tx, now } = scene
  if (incoming.appId !== undefined && incoming.appId !== attempt.app_id) return refused('app_id')
  if (incoming.sellerId !== undefined && incoming.sellerId !== attempt.seller_id) return refused('seller_id')
  const tradeNo = incoming.says.kind === 'trade' ? incoming.says.fact.tradeNo : undefined
  if (tradeNo === undefined) return undefined
  const owner = await ownsTradeNo(tx, tradeNo)
  const fits = owner === undefined ? attempt.trade_no === null : owner === attempt.id
  if (fits) return undefined
  const note = `${tradeNo} is not the trade of this attempt`
  await openCase(tx, { kind: 'contradiction', subject: attempt.out_trade_no, orderId: attempt.order_id, note }, now)
  if (scene.entrance !== 'notify') await takeSilence(scene, 'unknown')
  return refused('trade_no')
}

/** `later` leaves the fact undone: what it says can only be told once a refund of ours that is under way has ended. */
async function takeFact(scene: FactScene, says: Says): Promise<FactOutcome | 'later'> {
  switch (says.kind) {
    case 'closed':
      return takeClosed(scene)
    case 'not_exist':
      return takeNotExist(scene)
    case 'unknown':
      return takeSilence(scene, 'unknown')
    case 'misconfigured':
      await openCase(scene.tx, { kind: 'misconfigured', subject: says.code }, scene.now)
      return takeSilence(scene, 'unknown')
    case 'trade':
      return takeTrade(scene, says.fact)
  }
}

async function takeTrade(scene: FactScene, fact: TradeFact): Promise<FactOutcome | 'later'> {
  if (fact.money === 'closed') return takeClosed(scene)
  if (fact.money === 'waiting') return takeSilence(scene, 'waiting')
  if (fact.money === 'unknown') {
    const subject = scene.attempt.out_trade_no
    await openCase(scene.tx, { kind: 'contradiction', subject, note: `trade_status ${fact.status}` }, scene.now)
    return takeSilence(scene, 'unknown')
  }
  const paid = await takeMoney(scene, fact)
  if (!fact.refund) return paid
  const refund = await takeRefundFact(scene, fact.refund)
  return refund === 'later' || paid.effect === 'none' ? refund : paid
}
