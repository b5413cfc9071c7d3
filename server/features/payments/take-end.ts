import { nextAskAt, nextLookAt, notExistCloses, notExistCounts } from '@ihome/core/payments/decide'
import { moveOrder } from '../orders/move-order.ts'
import type { FactScene } from './apply-gateway-fact.ts'
import { type Attempt, findLiveAttempt, LIVE_STATES, saveAttempt } from './attempt-store.ts'
import { openCase } from './case-store.ts'
import type { FactOutcome } from './fact-store.ts'
import { listRefundsOfAttempt } from './refund-store.ts'

export const GATEWAY = { actor: 'gateway' } as const

const isLive = ({ state }: Attempt): boolean => (LIVE_STATES as readonly string[]).includes(state)
const nothing: FactOutcome = { effect: 'none' }

/** The trade is closed and was never paid. */
export async function takeClosed(scene: FactScene): Promise<FactOutcome> {
  const { tx, attempt, now } = scene
  if (isLive(attempt)) {
    await saveAttempt(tx, attempt.id, { state: 'CLOSED', closed_at: now, next_query_at: null, lease_until: null })
    await settleIfEnded(scene)
    return { effect: 'closed' }
  }
  const contradicts = attempt.state !== 'CLOSED' && !(await isRefundedWhole(scene))
  if (contradicts) await contradict(scene, 'closed without refund, but paid')
  // One question of ours shall tell; its own answer does not ask again.
  const asks = contradicts && scene.entrance === 'notify'
  await saveAttempt(tx, attempt.id, { next_query_at: asks ? now : null, lease_until: null })
  return nothing
}

/** A trade that was refunded in full is closed too, and an answer to a query may not say why. */
async function isRefundedWhole({ tx, attempt }: FactScene): Promise<boolean> {
  const refunds = await listRefundsOfAttempt(tx, attempt.id)
  const sent = refunds.filter(({ state }) => state !== 'RESERVED' && state !== 'MANUAL' && state !== 'VOID')
  return sent.reduce((sum, { amount_fen }) => sum + amount_fen, 0) >= attempt.received_fen
}

/** The gateway knows no such trade: closes only by the rule of promises 5, since an open page has no trade yet. */
export async function takeNotExist(scene: FactScene): Promise<FactOutcome> {
  const { tx, attempt, now } = scene
  if (!isLive(attempt)) {
    if (attempt.state !== 'CLOSED') await contradict(scene, 'no such trade, but paid')
    const next = attempt.state === 'CLOSED' ? nextLookAt(attempt.time_expire, now) : undefined
    await saveAttempt(tx, attempt.id, { next_query_at: next ?? null, lease_until: null })
    return nothing
  }
  if (!notExistCounts(attempt.time_expire, now)) {
    await askAgain(scene, 'not_exist')
    return nothing
  }
  const seen = { not_exist_seen: attempt.not_exist_seen + 1, not_exist_at: attempt.not_exist_at ?? now }
  if (!notExistCloses({ ...timing(scene), now, notExistAt: attempt.not_exist_at ?? undefined })) {
    await saveAttempt(tx, attempt.id, seen)
    await askAgain(scene, 'not_exist', seen.not_exist_at)
    return nothing
  }
  await saveAttempt(tx, attempt.id, {
    ...seen,
    state: 'CLOSED',
    closed_at: now,
    next_query_at: nextLookAt(attempt.time_expire, now) ?? null,
    lease_until: null,
  })
  await settleIfEnded(scene)
  return { effect: 'closed' }
}

/** No word about money: nothing is released and nothing confirmed; the question is asked again (P10, E12). */
export async function takeSilence(scene: FactScene, answer: 'waiting' | 'unknown'): Promise<FactOutcome> {
  const { tx, attempt, now } = scene
  if (isLive(attempt)) {
    // Told by a message instead of an answer, we ask at once.
    if (scene.entrance === 'notify' && answer === 'unknown') await saveAttempt(tx, attempt.id, { next_query_at: now })
    else await askAgain(scene, answer)
    return nothing
  }
  const next = attempt.state === 'CLOSED' ? nextLookAt(attempt.time_expire, now) : undefined
  await saveAttempt(tx, attempt.id, { next_query_at: next ?? null, lease_until: null })
  return nothing
}

async function askAgain(
  scene: FactScene,
  answer: 'not_exist' | 'waiting' | 'unknown',
  notExistAt: Date | null = scene.attempt.not_exist_at,
): Promise<void> {
  const { tx, attempt, now } = scene
  const next = nextAskAt({
    ...timing(scene),
    openedAt: attempt.opened_at ?? attempt.created_at,
    now,
    answer,
    notExistAt: notExistAt ?? undefined,
  })
  await saveAttempt(tx, attempt.id, { next_query_at: next, lease_until: null })
}

const timing = ({ attempt, needs }: FactScene) => ({
  timeExpire: attempt.time_expire,
  graceMs: needs.config.limits.closingGraceS * 1000,
  gapMs: needs.config.limits.closingAnswerGapS * 1000,
})

/** An order that was closing ends when nothing can take money for it any more; its nights are free from then on. */
export async function settleIfEnded(scene: FactScene): Promise<void> {
  const { tx, order, moves, now } = scene
  const alreadyMoved = moves.some(({ id }) => id === order.id)
  if (order.status !== 'CLOSING' || alreadyMoved || (await findLiveAttempt(tx, order.id))) return
  moves.push(await moveOrder(tx, order, { step: 'settle' }, GATEWAY, now))
}

async function contradict({ tx, attempt, now }: FactScene, note: string): Promise<void> {
  await openCase(tx, { kind: 'contradiction', subject: attempt.out_trade_no, orderId: attempt.order_id, note }, now)
}
