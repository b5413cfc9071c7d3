import { orderInBrief } from '../orders/order-status.ts'
import { answerId } from './answer-id.ts'
import { applyGatewayFact } from './apply-gateway-fact.ts'
import { applyAnswer, askGateway, QUERY_GAP_MS } from './ask-gateway.ts'
import {
  type Attempt,
  findAttemptById,
  LIVE_STATES,
  leaseDueAttempts,
  listOverdueAttempts,
  markClosing,
  postponeQuery,
  releaseLease,
} from './attempt-store.ts'
import { openCase } from './case-store.ts'
import { storeFact } from './fact-store.ts'
import { type PaymentNeeds, providerOf } from './payment-needs.ts'
import type { Answer, CloseFact } from './provider.ts'

/** Longer than the slowest close and query together, so a lease that ended belongs to a process that died. */
const LEASE_MS = 60_000
const BATCH = 16
/** Beyond its end by this much, an attempt without one is an alarm (promises P11). */
export const OVERDUE_MS = 10 * 60_000

/**
 * Asks the gateway about every attempt that is due, and tells it to close those whose order no longer waits for money.
 * Gives how many it asked about. Several instances share the work by leases; nothing is locked during a call.
 */
export async function askDueAttempts(needs: PaymentNeeds, signal?: AbortSignal): Promise<number> {
  const now = needs.clock.now()
  await reportOverdue(needs, now)
  if (signal?.aborted) return 0
  const ids = await leaseDueAttempts(needs.db, now, new Date(now.getTime() + LEASE_MS), BATCH)
  await Promise.all(ids.map((id) => askOne(needs, id)))
  return ids.length
}

async function askOne(needs: PaymentNeeds, id: number): Promise<void> {
  try {
    const attempt = await findAttemptById(needs.db, id)
    if (!attempt) return
    const closed = (await shouldClose(needs, attempt)) && (await closeAtGateway(needs, attempt))
    if (!closed && !(await askGateway(needs, attempt, 'poll'))) await postpone(needs, attempt)
    await releaseLease(needs.db, id)
  } catch (error) {
    // The lease stays, so that what fails is not tried again at once.
    needs.log.error({ attempt_id: id, err: error }, 'attempt_not_asked')
  }
}

/** Somebody asked a moment ago, and that answer has set the next instant or will; ours must not be due until then. */
async function postpone(needs: PaymentNeeds, attempt: Attempt): Promise<void> {
  const next = new Date(needs.clock.now().getTime() + QUERY_GAP_MS)
  await postponeQuery(needs.db, attempt.id, next)
}

/**
 * Past `time_expire` there is nothing left to close where the gateway refuses the buyer by itself; where a trade stays
 * open until it is told to close, it is told until an answer says that it is.
 */
async function shouldClose(needs: PaymentNeeds, attempt: Attempt): Promise<boolean> {
  if (!(LIVE_STATES as readonly string[]).includes(attempt.state)) return false
  const endsByItself = !providerOf(needs, attempt).opensTrade && attempt.time_expire <= needs.clock.now()
  if (endsByItself && attempt.close_sent_at !== null) return false
  return (await orderInBrief(needs.db, attempt.order_id))?.status !== 'WAIT_PAYMENT'
}

/**
 * Tells the gateway to take no money for this attempt. True when the answer says how that stands and no query is
 * needed: it is closed, or there was nothing to close and the open page can still pay (E10). After any other answer
 * only a query can tell (E11, E12).
 */
export async function closeAtGateway(needs: PaymentNeeds, attempt: Attempt): Promise<boolean> {
  if (!(await markClosing(needs.db, attempt.id, needs.clock.now()))) return true
  const answer = await providerOf(needs, attempt).close(attempt.out_trade_no)
  if (answer.kind === 'fact') {
    await applyAnswer(needs, attempt, 'poll', answer.raw, { kind: 'closed' })
    return true
  }
  await keepCloseAnswer(needs, attempt, answer)
  if (answer.kind !== 'not_exist' || attempt.time_expire <= needs.clock.now()) return false
  await applyGatewayFact(needs, {
    entrance: 'poll',
    noticeId: answerId(needs),
    outTradeNo: attempt.out_trade_no,
    says: { kind: 'not_exist' },
    raw: answer.raw,
  })
  return true
}

async function keepCloseAnswer(needs: PaymentNeeds, attempt: Attempt, answer: Answer<CloseFact>): Promise<void> {
  if (answer.kind === 'not_exist' && attempt.time_expire > needs.clock.now()) return // kept by the one function
  await storeFact(
    needs.db,
    {
      entrance: 'poll',
      noticeId: answerId(needs),
      kind: 'unknown',
      outTradeNo: attempt.out_trade_no,
      verified: answer.kind === 'refused' || answer.kind === 'not_exist',
      effect: 'none',
      raw: answer.raw,
    },
    needs.clock.now(),
  )
}

async function reportOverdue(needs: PaymentNeeds, now: Date): Promise<void> {
  for (const attempt of await listOverdueAttempts(needs.db, new Date(now.getTime() - OVERDUE_MS), BATCH)) {
    needs.log.error({ attempt_id: attempt.id, order_id: attempt.order_id }, 'attempt_overdue')
    await openCase(needs.db, { kind: 'overdue_attempt', subject: attempt.out_trade_no, orderId: attempt.order_id }, now)
  }
}
