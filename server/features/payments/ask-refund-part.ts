import { toFen } from '@ihome/core/money'
import type { IncomingFact } from './apply-gateway-fact.ts'
import { findAttempt } from './attempt-store.ts'
import { kept } from './keep-refund-answer.ts'
import { type PaymentNeeds, providerOf } from './payment-needs.ts'
import { NO_REFUND_RECORD } from './provider.ts'
import { findRefundByNumber } from './refund-store.ts'

/**
 * A message about a refund tells how much of the trade went back altogether, and messages come in any order: after a
 * refund of ours that sum does not say whether somebody else gave back a part before it. So a number that is none of
 * ours is asked about by itself, and the fact goes on with what that refund alone gave back (R11, E30). Gives the fact as
 * it was when there is nothing to ask, or the gateway has no such refund; undefined while the gateway is silent, and the
 * fact then has to wait.
 */
export async function withRefundPart(needs: PaymentNeeds, incoming: IncomingFact): Promise<IncomingFact | undefined> {
  const { says, outTradeNo } = incoming
  const refund = says.kind === 'trade' ? says.fact.refund : undefined
  if (says.kind !== 'trade' || !refund?.outRequestNo || refund.partFen !== undefined) return incoming
  const attempt = await findAttempt(needs.db, outTradeNo)
  if (!attempt || (await findRefundByNumber(needs.db, refund.outRequestNo))) return incoming
  const amount = toFen(refund.totalFen ?? attempt.amount_fen)
  const wish = { outTradeNo, outRequestNo: refund.outRequestNo, amount, reason: '' }
  const answer = await kept(needs, wish, await providerOf(needs, attempt).queryRefund(wish))
  if (answer.kind === 'fact') {
    return {
      ...incoming,
      says: { ...says, fact: { ...says.fact, refund: { ...refund, partFen: answer.fact.amountFen } } },
    }
  }
  const isSilent = answer.kind === 'misconfigured' || (answer.kind === 'unknown' && answer.reason !== NO_REFUND_RECORD)
  return isSilent ? undefined : incoming
}
