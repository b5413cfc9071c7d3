import { paySuspense } from '@ihome/core/ledger/postings'
import { toFen } from '@ihome/core/money'
import type { Tx } from '../../platform/db.ts'
import { post } from '../ledger/post.ts'
import type { IncomingFact } from './apply-gateway-fact.ts'
import { openCase } from './case-store.ts'
import type { FactOutcome } from './fact-store.ts'
import { numberPrefix } from './out-trade-no.ts'
import { type PaymentNeeds, providersOf } from './payment-needs.ts'
import { findRefundByNumber } from './refund-store.ts'
import { askAboutRefund } from './take-refund-fact.ts'

/**
 * A genuine fact about a number that is no attempt of ours (E18). With our prefix its money is booked to SUSPENSE and
 * somebody is asked to look; with another one it belongs to another environment of this merchant account.
 */
export async function takeUnmatched(
  needs: PaymentNeeds,
  tx: Tx,
  { factId, now, incoming }: { factId: number; now: Date; incoming: IncomingFact },
): Promise<FactOutcome> {
  const { outTradeNo, says, appId, sellerId } = incoming
  const addressed = providersOf(needs).filter((provider) => appId === undefined || appId === provider.appId)
  if (addressed.length === 0) return { effect: 'rejected', rejectReason: 'app_id' }
  if (sellerId !== undefined && !addressed.some((provider) => sellerId === provider.sellerId)) {
    return { effect: 'rejected', rejectReason: 'seller_id' }
  }
  if (!outTradeNo.startsWith(numberPrefix(needs.config.publicOrigin))) {
    needs.log.info({ out_trade_no: outTradeNo }, 'fact_of_another_environment')
    return { effect: 'foreign' }
  }
  if (says.kind !== 'trade' || says.fact.money !== 'paid' || !says.fact.amountFen) return { effect: 'none' }
  const { amountFen, refund } = says.fact
  const own = refund?.outRequestNo ? await findRefundByNumber(tx, refund.outRequestNo) : undefined
  if (own) {
    await askAboutRefund(tx, own, now)
    return { effect: 'refund' }
  }
  const posted = await post(tx, {
    businessKey: `unmatched:${outTradeNo}`,
    event: 'pay_suspense',
    causes: { factId },
    entries: paySuspense(outTradeNo, toFen(amountFen)),
    at: now,
  })
  if (posted !== undefined) await openCase(tx, { kind: 'unmatched', subject: outTradeNo, note: `${amountFen}` }, now)
  return { effect: posted === undefined ? 'none' : 'unmatched' }
}
