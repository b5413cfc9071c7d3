import { toFen } from '@ihome/core/money'
import { answerId } from './answer-id.ts'
import { applyGatewayFact, type FactResult } from './apply-gateway-fact.ts'
import { applyAnswer } from './ask-gateway.ts'
import { findAttempt } from './attempt-store.ts'
import type { PaymentNeeds } from './payment-needs.ts'
import { NO_REFUND_RECORD, type TradeFact } from './provider.ts'

export interface BillDoubt {
  readonly outTradeNo: string
  /** Set when the doubt is about a refund. */
  readonly requestNo: string | null
  readonly amountFen: number
}

/** What the gateway itself says about a line. `clear` is false when nothing can be concluded yet. */
export interface Confirmation {
  readonly clear: boolean
  /** In a few words for the person who reads the difference. */
  readonly said: string
  readonly effect: FactResult['effect'] | undefined
}

/**
 * Asks the gateway about a line of a bill, because the bill is unsigned, and lets the one function act on its answer
 * (promises 2, entrance `bill`). A refund is asked about by its own number, and told to the one function as part of
 * its trade.
 */
export async function confirmByBill(needs: PaymentNeeds, doubt: BillDoubt): Promise<Confirmation> {
  const answer = await needs.provider.query(doubt.outTradeNo)
  if (answer.kind === 'unknown') return { clear: false, said: answer.reason, effect: undefined }
  if (answer.kind === 'misconfigured') return { clear: false, said: answer.code, effect: undefined }
  if (answer.kind === 'refused') return { clear: false, said: answer.code, effect: undefined }
  if (answer.kind === 'not_exist') {
    const known = await findAttempt(needs.db, doubt.outTradeNo)
    // An attempt that was paid and is denied is a contradiction, which the one function writes down.
    const taken = known && (await applyAnswer(needs, known, 'bill', answer.raw, { kind: 'not_exist' }))
    return { clear: true, said: 'not_exist', effect: taken?.effect }
  }
  if (doubt.requestNo !== null) return confirmRefund(needs, doubt, answer.fact, doubt.requestNo)
  const told = await apply(needs, answer.fact, answer.raw)
  return { clear: true, said: `${answer.fact.status} ${answer.fact.amountFen ?? ''}`.trim(), effect: told.effect }
}

async function confirmRefund(
  needs: PaymentNeeds,
  { outTradeNo, amountFen }: BillDoubt,
  trade: TradeFact,
  outRequestNo: string,
): Promise<Confirmation> {
  const answer = await needs.provider.queryRefund({ outTradeNo, outRequestNo, amount: toFen(amountFen), reason: '' })
  if (answer.kind !== 'fact') {
    const said = answer.kind === 'unknown' ? answer.reason : answer.kind
    // The gateway answered and has no such refund: that is clear. Silence is not.
    return { clear: answer.kind !== 'unknown' || answer.reason === NO_REFUND_RECORD, said, effect: undefined }
  }
  const refund = { totalFen: undefined, partFen: answer.fact.amountFen, outRequestNo }
  const told = await apply(needs, { ...trade, money: 'paid', refund }, answer.raw)
  return { clear: true, said: `refunded ${answer.fact.amountFen}`, effect: told.effect }
}

const apply = (needs: PaymentNeeds, fact: TradeFact, raw: string): Promise<FactResult> =>
  applyGatewayFact(needs, {
    entrance: 'bill',
    noticeId: answerId(needs),
    outTradeNo: fact.outTradeNo,
    says: { kind: 'trade', fact },
    raw,
  })
