import { createHash } from 'node:crypto'
import { toFen } from '@ihome/core/money'
import type { Tx } from '../../platform/db.ts'
import { accountSum } from '../ledger/post.ts'
import { lockOrder } from '../orders/order-lock.ts'
import { newOutBizNo } from '../payments/out-trade-no.ts'
import type { Answer } from '../payments/provider.ts'
import { openPayee } from './payee-accounts.ts'
import { findPayee, type Payee } from './payee-store.ts'
import type { PayoutNeeds } from './payout-needs.ts'
import { situationOf } from './payout-situation.ts'
import { insertAnswer, listDuePayouts, lockPayout, type Payout, savePayout } from './payout-store.ts'
import { lockHostAccounts, promisedFen } from './promised.ts'
import type { TransferFact, TransferWish } from './provider.ts'
import { handOver, record } from './record-transfer.ts'
import { freeze } from './schedule-payouts.ts'

const LEASE_MS = 60_000
const BATCH = 16
/** Both people read it on their statements. */
const TITLE = '爱家租房房租结算'

/**
 * Sends what is promised and asks about what may have happened, once through what is due; gives how many it worked on.
 * A payout keeps number, amount and account through every repeat, and no call is made while anything is locked.
 */
export async function sendDuePayouts(needs: PayoutNeeds, signal?: AbortSignal): Promise<number> {
  const now = needs.clock.now()
  const states = ['SCHEDULED', 'SENT', 'UNKNOWN', 'RETRY', 'SUCCEEDED'] as const
  let count = 0
  for (const due of await listDuePayouts(needs.db, states, now, BATCH)) {
    if (signal?.aborted) break
    try {
      if (await workOn(needs, due)) count += 1
    } catch (error) {
      needs.log.error({ payout_id: due.id, err: error }, 'payout_not_worked_on')
    }
  }
  return count
}

interface DuePayout {
  readonly id: number
  readonly order_id: number
}

async function workOn(needs: PayoutNeeds, due: DuePayout): Promise<boolean> {
  const claimed = await needs.transact((tx) => claim(needs, tx, due))
  if (!claimed) return false
  const { payout, payee, step } = claimed
  const { out_biz_no: number } = payout
  if (step === 'query') {
    const answer = await kept(needs, payout, step, await needs.payouts.queryTransfer(number))
    if ((await record(needs, due, step, answer)) === 'done') return true
  }
  const wish: TransferWish = {
    outBizNo: number,
    amount: toFen(payout.amount_fen),
    payee: openPayee(needs, payee),
    title: TITLE,
  }
  await record(needs, due, 'send', await kept(needs, payout, 'send', await needs.payouts.transfer(wish)))
  return true
}

/** What was answered is kept before anything is done about it (alipay.md ALI-29). */
async function kept(
  { db, clock }: PayoutNeeds,
  payout: Payout,
  call: 'send' | 'query',
  answer: Answer<TransferFact>,
): Promise<Answer<TransferFact>> {
  await insertAnswer(db, {
    payout_id: payout.id,
    out_biz_no: payout.out_biz_no,
    call,
    kind: answer.kind,
    word: wordOf(answer),
    raw: answer.raw,
    raw_sha256: createHash('sha256').update(answer.raw).digest('hex'),
    at: clock.now(),
  })
  return answer
}

function wordOf(answer: Answer<TransferFact>): string | null {
  if (answer.kind === 'fact') return answer.fact.state
  if (answer.kind === 'unknown') return answer.reason
  return answer.kind === 'not_exist' ? null : answer.code
}

interface Claimed {
  readonly payout: Payout
  readonly payee: Payee
  readonly step: 'send' | 'query'
}

/** Takes the right to work on a payout, and writes down what is about to be done before it is done. */
async function claim(needs: PayoutNeeds, tx: Tx, due: DuePayout): Promise<Claimed | undefined> {
  const now = needs.clock.now()
  await lockOrder(tx, due.order_id)
  const payout = await lockPayout(tx, due.id)
  const isFree = payout?.next_try_at && payout.next_try_at <= now && (!payout.lease_until || payout.lease_until <= now)
  if (!payout || !isFree || payout.payee_id === null) return undefined
  const payee = await findPayee(tx, payout.payee_id)
  if (!payee) throw new Error(`payout ${payout.id} has no account`)
  const leased = { lease_until: new Date(now.getTime() + LEASE_MS) }
  if (payout.state === 'SUCCEEDED') {
    await savePayout(tx, payout.id, { ...leased, last_query_at: now })
    return { payout, payee, step: 'query' }
  }
  // SENT with a lease that ended: the process died, and the call may or may not have gone out.
  if (payout.state === 'SENT' || payout.state === 'UNKNOWN') {
    await savePayout(tx, payout.id, { ...leased, state: 'UNKNOWN', last_query_at: now })
    return { payout, payee, step: 'query' }
  }
  const situation = await situationOf(tx, payout, now)
  if (situation.frozen) {
    await freeze(tx, payout, situation)
    return undefined
  }
  const { payee: current } = situation
  const hasMoved = current.id !== payee.id
  if (hasMoved && payout.state === 'RETRY') {
    await handOver(tx, payout, { owner: 'host', error: 'payee_changed' }, now)
    return undefined
  }
  if (hasMoved && payout.in_doubt) {
    await handOver(tx, payout, { owner: 'finance', error: payout.error ?? 'payee_changed' }, now)
    return undefined
  }
  const amount = await coveredAmount(tx, payout)
  if (amount <= 0) {
    await savePayout(tx, payout.id, { state: 'ACCRUED', amount_fen: 0, settled_at: now, next_try_at: null })
    return undefined
  }
  const sent = {
    state: 'SENT' as const,
    amount_fen: amount,
    payee_id: current.id,
    // Another account is another transfer.
    out_biz_no: hasMoved ? newOutBizNo(needs.config.publicOrigin, needs.random, now) : payout.out_biz_no,
    frozen_reason: null,
    sent_at: hasMoved ? now : (payout.sent_at ?? now),
    tries: payout.tries + 1,
  }
  await savePayout(tx, payout.id, { ...leased, ...sent })
  return { payout: { ...payout, ...sent }, payee: current, step: 'send' }
}

/** A promise that was never sent shrinks when money went back to a guest meanwhile; what was sent stays as it is. */
async function coveredAmount(tx: Tx, payout: Payout): Promise<number> {
  if (payout.state !== 'SCHEDULED') return payout.amount_fen
  await lockHostAccounts(tx, payout.host_id)
  const owed = 0 - (await accountSum(tx, 'HOST_PAYABLE', String(payout.host_id)))
  return Math.min(payout.amount_fen, owed - (await promisedFen(tx, payout.host_id, payout.id)))
}
