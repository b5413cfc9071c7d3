import { answerId } from './answer-id.ts'
import { applyGatewayFact, type FactResult, type Says } from './apply-gateway-fact.ts'
import { type Attempt, claimQuery } from './attempt-store.ts'
import type { Entrance } from './fact-store.ts'
import { type PaymentNeeds, providerOf } from './payment-needs.ts'
import type { Answer, TradeFact } from './provider.ts'

/** Pages, jobs and instances together ask about one attempt at most this often (ALI-15, ALI-19). */
export const QUERY_GAP_MS = 3_000

/**
 * Asks the gateway what became of an attempt and hands its answer to the one function. Undefined when somebody has
 * just asked. No transaction is open while it waits.
 */
export async function askGateway(
  needs: PaymentNeeds,
  attempt: Pick<Attempt, 'id' | 'out_trade_no' | 'provider'>,
  entrance: Entrance,
): Promise<FactResult | undefined> {
  if (!(await claimQuery(needs.db, attempt.id, needs.clock.now(), QUERY_GAP_MS))) return undefined
  const answer = await providerOf(needs, attempt).query(attempt.out_trade_no)
  return applyAnswer(needs, attempt, entrance, answer.raw, saysOf(answer))
}

/** Hands an answer to our own question to {@link applyGatewayFact}. */
export function applyAnswer(
  needs: PaymentNeeds,
  attempt: Pick<Attempt, 'out_trade_no'>,
  entrance: Entrance,
  raw: string,
  says: Says,
): Promise<FactResult> {
  if (says.kind === 'unknown' || says.kind === 'misconfigured') {
    needs.log.warn({ out_trade_no: attempt.out_trade_no, ...says }, 'gateway_unclear')
  }
  const noticeId = answerId(needs)
  return applyGatewayFact(needs, { entrance, noticeId, outTradeNo: attempt.out_trade_no, says, raw })
}

function saysOf(answer: Answer<TradeFact>): Says {
  switch (answer.kind) {
    case 'fact':
      return { kind: 'trade', fact: answer.fact }
    case 'not_exist':
      return { kind: 'not_exist' }
    case 'refused':
      return { kind: 'unknown', reason: answer.code }
    case 'unknown':
      return { kind: 'unknown', reason: answer.reason }
    case 'misconfigured':
      return { kind: 'misconfigured', code: answer.code }
  }
}
