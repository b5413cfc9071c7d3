import { payoutReturned, payoutSucceeded } from '@ihome/core/ledger/payout-postings'
import { toFen } from '@ihome/core/money'
import {
  nextLookAfterSuccess,
  nextPayoutTryAt,
  retryAfterRefusal,
  transferRefusal,
} from '@ihome/core/payouts/payout-plan'
import type { Tx } from '../../platform/db.ts'
import { putMessage } from '../../platform/outbox.ts'
import { post } from '../ledger/post.ts'
import { type LockedOrder, lockOrder } from '../orders/order-lock.ts'
import { NOTICE } from '../orders/order-messages.ts'
import { newOutBizNo } from '../payments/out-trade-no.ts'
import type { Answer } from '../payments/provider.ts'
import type { PayoutNeeds } from './payout-needs.ts'
import { situationOf } from './payout-situation.ts'
import { insertPayout, lockPayout, type Payout, savePayout } from './payout-store.ts'
import { NO_TRANSFER_RECORD, type TransferFact } from './provider.ts'

const DAY_MS = 24 * 3_600_000

/** Everything that a person is told of is due within a day. */
export const handOver = (
  tx: Tx,
  payout: Payout,
  {
    owner,
    error,
    spent = false,
    inDoubt = false,
  }: {
    readonly owner: 'host' | 'finance'
    readonly error: string
    readonly spent?: boolean
    /** The gateway has done something under this number that is not what we asked for. */
    readonly inDoubt?: boolean
  },
  now: Date,
): Promise<void> =>
  savePayout(tx, payout.id, {
    state: 'MANUAL',
    owner,
    due_at: new Date(now.getTime() + DAY_MS),
    error,
    number_spent: payout.number_spent || spent,
    ...(inDoubt ? { in_doubt: true, ending: null, ending_by: null, ended_by: null } : {}),
    lease_until: null,
    // It goes on by itself once the host has another account; what finance must mend waits for finance.
    next_try_at: owner === 'host' ? now : null,
  })

/**
 * Writes down what the gateway said about a payout (promises T2, E33); `repeat` when it knows nothing of the number, so
 * that the same may be sent again.
 */
export async function record(
  needs: PayoutNeeds,
  due: { readonly id: number; readonly order_id: number },
  step: 'send' | 'query',
  answer: Answer<TransferFact>,
): Promise<'repeat' | 'done'> {
  const now = needs.clock.now()
  return needs.transact(async (tx) => {
    const order = await lockOrder(tx, due.order_id)
    const payout = await lockPayout(tx, due.id)
    if (!order || !payout) return 'done'
    if (payout.state === 'SUCCEEDED') return lookBack(needs, tx, { order, payout }, answer, now)
    if (payout.state !== 'SENT' && payout.state !== 'UNKNOWN') return 'done'
    if (answer.kind === 'fact') return takeFact(needs, tx, { order, payout }, answer.fact, now)
    if (answer.kind === 'refused' && step === 'send') {
      return takeNo(needs, tx, { order, payout }, { code: answer.code, spent: false }, now)
    }
    if (answer.kind === 'misconfigured')
      needs.log.error({ payout_id: payout.id, code: answer.code }, 'payout_misconfigured')
    const reason = answer.kind === 'unknown' ? answer.reason : answer.kind
    const isUnheardOf = step === 'query' && reason === NO_TRANSFER_RECORD
    // A repeat moves money if the first call did not, so it waits for the same as a first one.
    if (isUnheardOf && (await situationOf(tx, payout, now)).frozen === undefined) {
      await savePayout(tx, payout.id, { state: 'SENT', tries: payout.tries + 1 })
      return 'repeat'
    }
    return stayUnknown(tx, payout, reason, now)
  })
}

interface Locked {
  readonly order: LockedOrder
  readonly payout: Payout
}

async function stayUnknown(tx: Tx, payout: Payout, error: string, now: Date): Promise<'done'> {
  await savePayout(tx, payout.id, {
    state: 'UNKNOWN',
    error,
    tries: payout.tries + 1,
    next_try_at: nextPayoutTryAt(payout.tries, now),
    lease_until: null,
  })
  return 'done'
}

async function takeFact(needs: PayoutNeeds, tx: Tx, locked: Locked, fact: TransferFact, now: Date): Promise<'done'> {
  const { payout } = locked
  if (fact.amountFen !== undefined && fact.amountFen !== payout.amount_fen) {
    needs.log.error({ payout_id: payout.id, amount_fen: fact.amountFen }, 'payout_of_another_amount')
    await handOver(tx, payout, { owner: 'finance', error: `moved ${fact.amountFen}`, inDoubt: true }, now)
    return 'done'
  }
  switch (fact.state) {
    case 'dealing':
      return stayUnknown(tx, payout, 'dealing', now)
    case 'failed':
      return takeNo(needs, tx, locked, { code: fact.code ?? 'FAIL', spent: true }, now)
    case 'succeeded':
      return succeed(needs, tx, locked, fact, now)
    case 'returned':
      await succeed(needs, tx, locked, fact, now)
      return comeBack(needs, tx, locked, now)
  }
}

/** The money has arrived, by the gateway's word or by that of two people who saw it there. */
export async function succeed(
  needs: Pick<PayoutNeeds, 'log'>,
  tx: Tx,
  { order, payout }: Locked,
  fact: Pick<TransferFact, 'gatewayNo'>,
  now: Date,
): Promise<'done'> {
  await savePayout(tx, payout.id, {
    state: 'SUCCEEDED',
    settled_at: now,
    gateway_no: fact.gatewayNo ?? null,
    frozen_reason: null,
    held_at: null,
    in_doubt: false,
    owner: null,
    due_at: null,
    error: null,
    next_try_at: nextLookAfterSuccess(now, now) ?? null,
    lease_until: null,
  })
  await post(tx, {
    businessKey: `payout:${payout.id}`,
    event: 'payout',
    causes: { payoutId: payout.id, orderId: payout.order_id },
    entries: payoutSucceeded(String(payout.host_id), toFen(payout.amount_fen)),
    at: now,
  })
  await tellHost(tx, order, payout, 'payout_sent', now)
  needs.log.info({ payout_id: payout.id }, 'payout_succeeded')
  return 'done'
}

/** After success only one thing can happen: the money comes back. Then it is owed again, and the host is asked. */
async function lookBack(
  needs: PayoutNeeds,
  tx: Tx,
  { order, payout }: Locked,
  answer: Answer<TransferFact>,
  now: Date,
): Promise<'done'> {
  if (answer.kind === 'fact' && (answer.fact.state === 'returned' || answer.fact.state === 'failed')) {
    return comeBack(needs, tx, { order, payout }, now)
  }
  const isClear = answer.kind === 'fact' && answer.fact.state === 'succeeded'
  await savePayout(tx, payout.id, {
    next_try_at: isClear
      ? (nextLookAfterSuccess(payout.settled_at ?? now, now) ?? null)
      : new Date(now.getTime() + DAY_MS / 24),
    lease_until: null,
  })
  return 'done'
}

async function comeBack(needs: PayoutNeeds, tx: Tx, { order, payout }: Locked, now: Date): Promise<'done'> {
  await savePayout(tx, payout.id, { state: 'RETURNED', settled_at: now, next_try_at: null, lease_until: null })
  await post(tx, {
    businessKey: `payout_returned:${payout.id}`,
    event: 'payout_returned',
    causes: { payoutId: payout.id, orderId: payout.order_id },
    entries: payoutReturned(String(payout.host_id), toFen(payout.amount_fen)),
    at: now,
  })
  await insertPayout(tx, {
    host_id: payout.host_id,
    order_id: payout.order_id,
    replaces_id: payout.id,
    out_biz_no: newOutBizNo(needs.config.publicOrigin, needs.random, now),
    earned_fen: payout.amount_fen,
    not_before: now,
    frozen_reason: 'payee_change',
    created_at: now,
  })
  await tellHost(tx, order, payout, 'payout_returned', now)
  needs.log.error({ payout_id: payout.id }, 'payout_returned')
  return 'done'
}

/** A signed no, or a transfer that failed for good: the money is with us. */
async function takeNo(
  needs: PayoutNeeds,
  tx: Tx,
  { order, payout }: Locked,
  { code, spent }: { readonly code: string; readonly spent: boolean },
  now: Date,
): Promise<'done'> {
  const refusal = transferRefusal(code)
  needs.log.error({ payout_id: payout.id, code }, 'payout_refused')
  // Another account would be another number, and in doubt there is none: then it is for people to look first.
  if (refusal === 'payee' && !payout.in_doubt) {
    await handOver(tx, payout, { owner: 'host', error: code, spent }, now)
    await tellHost(tx, order, payout, 'payout_account_wrong', now)
    return 'done'
  }
  const isOld = payout.sent_at !== null && now.getTime() - payout.sent_at.getTime() >= DAY_MS
  // A number that failed once fails for ever, and a day without money is a matter for a person.
  if ((refusal !== 'funds' && refusal !== 'limit') || spent || isOld) {
    await handOver(tx, payout, { owner: 'finance', error: code, spent, inDoubt: refusal === 'doubt' }, now)
    return 'done'
  }
  await savePayout(tx, payout.id, {
    state: 'RETRY',
    error: code,
    next_try_at: retryAfterRefusal(refusal, now),
    lease_until: null,
  })
  return 'done'
}

/** Once per payout, news and number: another number is another transfer to tell of. */
const tellHost = (tx: Tx, order: LockedOrder, payout: Payout, news: string, now: Date): Promise<void> =>
  putMessage(tx, {
    topic: NOTICE,
    dedupeKey: `${news}:${payout.out_biz_no}:host`,
    orderId: order.id,
    payload: {
      news,
      order_id: order.id,
      house_id: order.house_id,
      user_id: order.host_id,
      amount_fen: payout.amount_fen,
    },
    createdAt: now,
    dueAt: now,
  })
