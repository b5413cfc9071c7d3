import { answerId } from './answer-id.ts'
import { storeFact } from './fact-store.ts'
import type { PaymentNeeds } from './payment-needs.ts'
import type { Answer, RefundFact, RefundWish } from './provider.ts'

/** Keeps what the gateway said of a refund before anything is done about it. */
export async function kept(
  needs: PaymentNeeds,
  wish: RefundWish,
  answer: Answer<RefundFact>,
): Promise<Answer<RefundFact>> {
  await storeFact(
    needs.db,
    {
      entrance: 'poll',
      noticeId: answerId(needs),
      kind: answer.kind === 'fact' ? 'refund' : 'unknown',
      outTradeNo: wish.outTradeNo,
      outRequestNo: wish.outRequestNo,
      verified: answer.kind === 'fact' || answer.kind === 'refused' || answer.kind === 'not_exist',
      effect: answer.kind === 'fact' ? 'refund' : 'none',
      raw: answer.raw,
    },
    needs.clock.now(),
  )
  return answer
}
