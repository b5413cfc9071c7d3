import { netDebt } from '@ihome/core/ledger/payout-postings'
import { toFen } from '@ihome/core/money'
import { planPayout } from '@ihome/core/payouts/payout-plan'
import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/deps.ts'
import { accountSum, post } from '../ledger/post.ts'
import { lockOrder } from '../orders/order-lock.ts'
import { newOutBizNo } from '../payments/out-trade-no.ts'
import { type Situation, situationOf } from './payout-situation.ts'
import { creditLeftOfOrder, listDuePayouts, lockPayout, type Payout, savePayout } from './payout-store.ts'
import { lockHostAccounts, promisedFen } from './promised.ts'

type Needs = Pick<Deps, 'db' | 'transact' | 'clock' | 'random' | 'config' | 'log'>

const BATCH = 50

/**
 * Promises what is due to the hosts who may have it, less what they owe, and says of the rest why it waits. Gives how
 * many payouts it looked at.
 */
export async function schedulePayouts(needs: Needs): Promise<number> {
  const { db, transact, clock, log } = needs
  const now = clock.now()
  let count = 0
  for (const due of await listDuePayouts(db, ['ACCRUED', 'MANUAL'], now, BATCH)) {
    try {
      if (await transact((tx) => schedule(needs, tx, due, now))) count += 1
    } catch (error) {
      log.error({ payout_id: due.id, err: error }, 'payout_not_scheduled')
    }
  }
  return count
}

async function schedule(
  needs: Needs,
  tx: Tx,
  due: { readonly id: number; readonly order_id: number },
  now: Date,
): Promise<boolean> {
  await lockOrder(tx, due.order_id)
  const payout = await lockPayout(tx, due.id)
  if (!payout?.next_try_at || payout.next_try_at > now) return false
  if (payout.state === 'MANUAL') {
    await resumePayout(needs, tx, payout, now, { anew: true })
    return true
  }
  if (payout.state !== 'ACCRUED') return false
  if (payout.not_before > now) {
    await savePayout(tx, payout.id, { next_try_at: payout.not_before })
    return true
  }
  const situation = await situationOf(tx, payout, now, { anew: payout.replaces_id !== null })
  if (situation.frozen) {
    await freeze(tx, payout, situation)
    return true
  }
  const { payee } = situation
  await lockHostAccounts(tx, payout.host_id)
  const host = String(payout.host_id)
  const owed = 0 - (await accountSum(tx, 'HOST_PAYABLE', host))
  const free = owed - (await promisedFen(tx, payout.host_id))
  const debt = await accountSum(tx, 'HOST_RECEIVABLE', host)
  // What went back to this order's guest is missing here and not from another order of the host.
  const credit = await creditLeftOfOrder(tx, payout.order_id, payout.id)
  const earned = Math.max(0, Math.min(payout.earned_fen, credit))
  const { amount, netted } = planPayout(toFen(earned), free, debt)
  await savePayout(tx, payout.id, {
    amount_fen: amount,
    netted_fen: netted,
    frozen_reason: null,
    // Where a debt takes all of it nothing is left to send.
    ...(amount === 0
      ? { settled_at: now, next_try_at: null }
      : { state: 'SCHEDULED', payee_id: payee.id, next_try_at: now }),
  })
  if (netted > 0) {
    await post(tx, {
      businessKey: `netting:${payout.id}`,
      event: 'netting',
      causes: { payoutId: payout.id, orderId: payout.order_id },
      entries: netDebt(host, netted),
      at: now,
    })
  }
  return true
}

export const freeze = (
  tx: Tx,
  payout: Payout,
  { frozen, lookAt }: Extract<Situation, { readonly lookAt: Date }>,
): Promise<void> => savePayout(tx, payout.id, { frozen_reason: frozen, next_try_at: lookAt, lease_until: null })

/**
 * Lets a payout that stood with a person go on: to the host's account of now, under a new number where the old one is
 * spent or belongs to another account. A signed no has brought it there, so that its money has not moved; where that is
 * in doubt it is only repeated as it was, until two people have said that nothing left (`notArrived` names the second).
 * False while it must wait. `anew` waits for another account than the one that failed.
 */
export async function resumePayout(
  { random, config }: Pick<Needs, 'random' | 'config'>,
  tx: Tx,
  payout: Payout,
  now: Date,
  wish: { readonly anew: boolean; readonly notArrived?: number },
): Promise<boolean> {
  const situation = await situationOf(tx, payout, now, wish)
  if (situation.frozen) {
    await freeze(tx, payout, situation)
    return false
  }
  const { payee } = situation
  const isClear = wish.notArrived !== undefined
  if (payout.in_doubt && !isClear && (payout.number_spent || payout.payee_id !== payee.id)) {
    await savePayout(tx, payout.id, { next_try_at: null })
    return false
  }
  const isAnotherTransfer = isClear || payout.number_spent || payout.payee_id !== payee.id
  await savePayout(tx, payout.id, {
    state: 'SCHEDULED',
    payee_id: payee.id,
    ...(isAnotherTransfer
      ? { out_biz_no: newOutBizNo(config.publicOrigin, random, now), number_spent: false, sent_at: null }
      : {}),
    frozen_reason: null,
    next_try_at: now,
    tries: 0,
    error: payout.in_doubt && !isClear ? payout.error : null,
    ...(isClear ? { in_doubt: false, ended_by: wish.notArrived } : { ending: null, ending_by: null, ended_by: null }),
    owner: null,
    due_at: null,
  })
  return true
}
