import { suspenseToRefund } from '@ihome/core/ledger/postings'
import { toFen } from '@ihome/core/money'
import type { Tx } from '../../platform/db.ts'
import { accountSum, post, reverse } from '../ledger/post.ts'
import { type Attempt, findAttempt, saveAttempt } from './attempt-store.ts'
import { closeCase, listOldUnmatched, lockOpenCase } from './case-store.ts'
import { appIdOfUnmatched } from './fact-store.ts'
import { newOutRequestNo } from './out-trade-no.ts'
import { type PaymentNeeds, providersOf } from './payment-needs.ts'
import { reserveRefund } from './refund-store.ts'

const WAIT_MS = 24 * 3_600_000
const BATCH = 50

/** Promises back money whose number nobody could match for a day (E18); gives how many it promised. */
export async function refundUnmatched(needs: PaymentNeeds): Promise<number> {
  const now = needs.clock.now()
  let count = 0
  for (const { id, subject } of await listOldUnmatched(needs.db, new Date(now.getTime() - WAIT_MS), BATCH)) {
    try {
      if (await needs.transact((tx) => promiseBack(needs, tx, { caseId: id, outTradeNo: subject }, now))) count += 1
    } catch (error) {
      needs.log.error({ case_id: id, err: error }, 'unmatched_not_refunded')
    }
  }
  return count
}

/**
 * Promises back what lies under this number, and ends the case. When the number has become an attempt's meanwhile, its
 * money is that attempt's: the case ends, and the gateway is asked what the attempt received. False when nothing was
 * promised.
 */
export async function promiseBack(
  needs: PaymentNeeds,
  tx: Tx,
  { caseId, outTradeNo }: { readonly caseId: number; readonly outTradeNo: string },
  now: Date,
): Promise<boolean> {
  if (!(await lockOpenCase(tx, caseId))) return false
  const held = 0 - (await accountSum(tx, 'SUSPENSE', outTradeNo))
  const matched = await findAttempt(tx, outTradeNo)
  if (matched) await leaveToAttempt(tx, matched, now)
  if (held <= 0 || matched) {
    await closeCase(tx, 'unmatched', outTradeNo, now)
    return false
  }
  const refundId = await reserveRefund(tx, {
    attempt_id: null,
    order_id: null,
    out_trade_no: outTradeNo,
    provider: await providerFor(needs, tx, outTradeNo),
    out_request_no: newOutRequestNo(needs.config.publicOrigin, needs.random, now),
    amount_fen: held,
    reason: 'unmatched',
    created_at: now,
  })
  await post(tx, {
    businessKey: `suspense:${outTradeNo}`,
    event: 'suspense_to_refund',
    causes: { refundId },
    entries: suspenseToRefund(outTradeNo, outTradeNo, toFen(held)),
    at: now,
  })
  await closeCase(tx, 'unmatched', outTradeNo, now)
  return true
}

/** Takes money out of SUSPENSE that an attempt accounts for, or will once the gateway has been asked. */
export async function leaveToAttempt(
  tx: Tx,
  attempt: Pick<Attempt, 'id' | 'order_id' | 'out_trade_no' | 'state'>,
  now: Date,
): Promise<void> {
  const causes = { orderId: attempt.order_id, attemptId: attempt.id }
  await reverse(tx, `unmatched:${attempt.out_trade_no}`, { causes, at: now })
  if (attempt.state !== 'SUCCEEDED' && attempt.state !== 'MISMATCH') {
    await saveAttempt(tx, attempt.id, { next_query_at: now })
  }
}

async function providerFor(needs: PaymentNeeds, tx: Tx, outTradeNo: string): Promise<string> {
  const appId = await appIdOfUnmatched(tx, outTradeNo)
  return (providersOf(needs).find((provider) => provider.appId === appId) ?? needs.provider).name
}
