import { suspenseToRefund } from '@ihome/core/ledger/postings'
import { toFen } from '@ihome/core/money'
import { accountSum, post } from '../ledger/post.ts'
import { findAttempt } from './attempt-store.ts'
import { closeCase, listOldUnmatched, lockOpenCase } from './case-store.ts'
import { newOutRequestNo } from './out-trade-no.ts'
import type { PaymentNeeds } from './payment-needs.ts'
import { reserveRefund } from './refund-store.ts'

const WAIT_MS = 24 * 3_600_000
const BATCH = 50

/** Promises back money whose number nobody could match for a day (E18); gives how many it promised. */
export async function refundUnmatched(needs: PaymentNeeds): Promise<number> {
  const now = needs.clock.now()
  let count = 0
  for (const { id, subject } of await listOldUnmatched(needs.db, new Date(now.getTime() - WAIT_MS), BATCH)) {
    try {
      if (await promise(needs, id, subject, now)) count += 1
    } catch (error) {
      needs.log.error({ case_id: id, err: error }, 'unmatched_not_refunded')
    }
  }
  return count
}

function promise(needs: PaymentNeeds, caseId: number, outTradeNo: string, now: Date): Promise<boolean> {
  return needs.transact(async (tx) => {
    if (!(await lockOpenCase(tx, caseId))) return false
    const held = 0 - (await accountSum(tx, 'SUSPENSE', outTradeNo))
    const matched = await findAttempt(tx, outTradeNo)
    if (held <= 0 || matched) return false
    const refundId = await reserveRefund(tx, {
      attempt_id: null,
      order_id: null,
      out_trade_no: outTradeNo,
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
  })
}
